import type { Mode } from "../../lib/model/mode.js";
import type { Tree } from "./machine.js";
import type { Setup } from "./whole.js";

/** What is synchronised before people start to edit. Contents are all different, so that each can be followed. */
const BASE: Tree = {
  keep: "keep1",
  "edit/local": "local1",
  "edit/remote": "remote1",
  "edit/both": "both1",
  "edit/alike": "alike1",
  "rm/local": "rml",
  "rm/remote": "rmr",
  "rm/both": "rmb",
  "rm/local-edited": "rmle",
  "rm/edited-remote": "rmer",
  "docs/a": "doca",
  "docs/b": "docb",
  "docs/deep/c": "docc",
  "pics/1": "pic1",
  "pics/2": "pic2",
  "old/x": "oldx",
  "old/sub/y": "oldy",
  swap1: "swapA",
  swap2: "swapB",
  turns: "file1",
  "turned/z": "inner1",
  mine: "mine1",
  yours: "yours1",
  "void/": "",
};

/** Everything that can happen at once, in about thirty actions. */
const EVERYTHING: readonly string[] = [
  "L write edit/local local2",
  "R write edit/remote remote2*",
  "L save edit/both both2",
  "R write edit/both both3",
  "L write edit/alike alike2",
  "R write edit/alike alike2",
  "L rm rm/local",
  "R rm rm/remote",
  "L rm rm/both",
  "R rm rm/both",
  "L rm rm/local-edited",
  "R write rm/local-edited rmle2",
  "L write rm/edited-remote rmer2",
  "R rm rm/edited-remote",
  "L mv docs papers",
  "R write docs/b docb2",
  "R mv pics photos",
  "L write pics/3 pic3",
  "L rm old",
  "L mv swap1 swap",
  "L mv swap2 swap1",
  "L mv swap swap2",
  "L rm turns",
  "L write turns/inside file2",
  "R rm turned",
  "R write turned inner2",
  "L mv mine where/mine",
  "R mv yours theirs",
  "L mkdir void2/below",
  "R rm void",
  "L write new/local newl",
  "R write new/remote/deep newr",
  "L write name file3",
  "R write name/inside file4",
];

/** In the one-way modes the base comes from the source; people edit both sides all the same. */
const ONE_WAY: readonly string[] = EVERYTHING.filter((words) => !/ (name|turns|turned)\b/.test(words));

const MIRRORED: readonly string[] = EVERYTHING;

/** Every mode with a world in which everything happens that the mode can meet. */
export const WORLDS: Readonly<Record<Mode, Setup>> = {
  "two-way": { base: split(BASE), edits: EVERYTHING },
  mirror: { mode: "mirror", base: { local: BASE }, edits: MIRRORED },
  "mirror-down": { mode: "mirror-down", base: { remote: BASE }, edits: MIRRORED },
  backup: { mode: "backup", base: { local: BASE }, edits: ONE_WAY },
  fetch: { mode: "fetch", base: { remote: BASE }, edits: ONE_WAY },
  outbox: {
    mode: "outbox",
    base: { remote: { taken: "taken1", "in/same": "same1", "in/other": "other1", folder: "f1" } },
    edits: [
      "L write new new1",
      "L write large large*",
      "L write deep/er/new new2",
      "L write taken taken2",
      "L write in/same same1",
      "L save in/other other2",
      "L write twin1 twin",
      "L write twin2 twin",
      "L mkdir empty",
      "R write in/other other3",
      "R write elsewhere else1",
      "R mkdir rempty",
    ],
  },
};

/** Half of it begins on either side. */
function split(tree: Tree): Setup["base"] {
  const entries = Object.entries(tree);
  return {
    local: Object.fromEntries(entries.filter((_, i) => i % 2 === 0)),
    remote: Object.fromEntries(entries.filter((_, i) => i % 2 === 1)),
  };
}
