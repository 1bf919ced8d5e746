import { userNotFound } from "../failures.js";
import type { Tree } from "../rest-format.js";
import { accountArg, arg, type Call, canSee, flag, me, type Method, seenPhoto } from "../route.js";

export const tagMethods: readonly Method[] = [
  { name: "tags.getListUser", perms: "none", args: ["user_id"], run: getListUser },
  { name: "tags.getListUserRaw", perms: "none", args: ["tag"], run: getListUserRaw },
  { name: "tags.getListPhoto", perms: "none", args: ["photo_id"], run: getListPhoto },
];

/** Clean forms. */
function getListUser(call: Call): Tree {
  const account = accountArg(call, 1);
  const photos = account.library.photos.filter((photo) => canSee(call, photo));
  const clean = new Set(photos.flatMap(({ tags }) => tags.map((tag) => tag.clean)));
  return { who: { id: account.nsid, tags: { tag: [...clean].sort().map((_content) => ({ _content })) } } };
}

/** Each clean form with everything that was typed for it. */
function getListUserRaw(call: Call): Tree {
  if (call.caller.account === undefined) throw userNotFound(1);
  const { library, nsid } = me(call);
  const wanted = arg(call, "tag");
  const raws = new Map<string, Set<string>>();
  for (const { clean, raw } of library.photos.flatMap(({ tags }) => tags)) {
    if (wanted === undefined || wanted === clean) raws.set(clean, (raws.get(clean) ?? new Set()).add(raw));
  }
  const tag = [...raws].map(([clean, typed]) => ({ clean, raw: [...typed].map((_content) => ({ _content })) }));
  return { who: { id: nsid, tags: { tag } } };
}

function getListPhoto(call: Call): Tree {
  const { id, nsid, tags } = seenPhoto(call);
  const tag = tags.map(({ id: tagId, raw, clean, isMachine }) => ({
    ...{ id: tagId, author: nsid, raw, _content: clean, machine_tag: flag(isMachine) },
  }));
  return { photo: { id, tags: { tag } } };
}
