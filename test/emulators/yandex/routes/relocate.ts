import { noSpace } from "../failures.js";
import { sizeOf } from "../entries.js";
import { launch } from "../launch.js";
import { readFlag } from "../query.js";
import { assertUnlocked, type Call, diskPath, noteNewName, type Reply, resourceLink, type Route } from "../route.js";

const params = ["from", "path", "overwrite", "force_async"];

export const move: Route = {
  name: "POST resources/move",
  scope: "write",
  params,
  run: (call) => relocate(call, "move"),
};

export const copy: Route = {
  name: "POST resources/copy",
  scope: "write",
  params,
  run: (call) => relocate(call, "copy"),
};

async function relocate(call: Call, kind: "move" | "copy"): Promise<Reply> {
  const { account, query, world } = call;
  const [overwrite, forceAsync] = [readFlag(query, "overwrite"), readFlag(query, "force_async")];
  const from = diskPath(call, "from", kind === "move" ? "write" : "read");
  const to = diskPath(call, "path", "write");
  assertUnlocked(call, to, ...(kind === "move" ? [from] : []));
  const done = world.writeWatch.begin(account.uid, kind === "move" ? [from, to] : [to]);
  try {
    await call.latency;
    account.disk.assertRelocation(from, to, overwrite);
    noteNewName(call, to);
    if (account.disk.find(to)?.kind === "dir") call.misuse("overwrites a folder with all that it holds");
    const entry = account.disk.get(from);
    if (kind === "copy" && sizeOf(entry) > account.disk.freeBytes) throw noSpace();
    return launch(call, {
      do: () => account.disk[kind](from, to, overwrite),
      locks: [from, to],
      isUsuallyAsync: entry.kind === "dir" && entry.children.size > 0,
      forceAsync,
      done: () => ({ status: 201, value: resourceLink(call, to) }),
    });
  } finally {
    done();
  }
}
