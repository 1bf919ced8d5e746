import { expect } from "vitest";
import { toSyncPath } from "../../lib/model/path.js";
import type { Suite } from "./contract.js";
import { contents, listedPaths, put } from "./contract-bed.js";
import { codeOf } from "./support/outcomes.js";

/** Names that some service or disk takes, and another does not. */
const ODD_NAMES = [
  "straße é.txt",
  "日本語.txt",
  "emoji 😀👩‍🚀.txt",
  "new\nline.txt",
  "tab\t.txt",
  " leading.txt",
  "trailing ",
  "trailing.",
  ".hidden",
  "...dots",
  "back\\slash.txt",
  "colon:star*what?.txt",
  "100% & #1 +plus;a=b,c.txt",
  "quote'\"<>|.txt",
  "~$office.docx",
  "CON",
  "aux.c",
  "desktop.ini",
  ".DS_Store",
  "Thumbs.db",
  "x".repeat(255),
  "x".repeat(256),
  "é".repeat(127),
  "é".repeat(128),
  ".trisync",
];

/** Spelling, case, and agreement between `refusal` and `upload`. */
export function testNames({ check, capabilities }: Suite): void {
  check("what is not refused is stored under exactly that name", async ({ provider }) => {
    const taken = ODD_NAMES.filter((name) => provider.refusal(toSyncPath(name), 1) === undefined);
    expect(taken).not.toEqual([]);
    for (const name of taken) await put(provider, name, "1");
    expect(await listedPaths(provider)).toEqual([...taken].sort());
  });

  check("what is refused is rejected by an upload, and stored nowhere", async ({ provider }) => {
    for (const name of ODD_NAMES) {
      const reason = provider.refusal(toSyncPath(name), 1);
      if (reason === undefined) continue;
      expect(reason.trim()).not.toBe("");
      expect({ name, code: await codeOf(put(provider, name, "1")) }).toEqual({ name, code: "rejected" });
    }
    expect(await listedPaths(provider)).toEqual([]);
  });

  check("names and folders keep their Unicode", async ({ provider }) => {
    await put(provider, "Grüße/naïve 😀.txt", "hello");
    expect(await contents(provider)).toEqual({ "Grüße/naïve 😀.txt": "hello" });
  });

  if (capabilities.ignoresCase) {
    check("names differing only by case are one file", async ({ provider }) => {
      await put(provider, "Name.txt", "1");
      expect(await codeOf(put(provider, "nAME.TXT", "22"))).toBe("changed");
      expect(await contents(provider)).toEqual({ "Name.txt": "1" });
    });
  } else {
    check("names differing only by case are two files", async ({ provider }) => {
      await put(provider, "Name.txt", "1");
      await put(provider, "nAME.TXT", "22");
      expect(await contents(provider)).toEqual({ "Name.txt": "1", "nAME.TXT": "22" });
    });
  }
}
