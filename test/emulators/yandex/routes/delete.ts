import { ApiError, badField, forbidden } from "../failures.js";
import { launch } from "../launch.js";
import { readFlag } from "../query.js";
import { assertUnlocked, diskPath, type Route } from "../route.js";

/** To the trash, or for good. */
export const deleteResource: Route = {
  name: "DELETE resources",
  scope: "write",
  params: ["path", "permanently", "force_async", "md5"],
  run: async (call) => {
    const { account, query, world } = call;
    const [permanently, forceAsync] = [readFlag(query, "permanently"), readFlag(query, "force_async")];
    const parts = diskPath(call, "path", "write");
    assertUnlocked(call, parts);
    const done = world.writeWatch.begin(account.uid, [parts]);
    try {
      await call.latency;
      const entry = account.disk.get(parts);
      if (parts.length === 0) throw forbidden();
      const md5 = query.get("md5");
      if (md5 !== undefined && entry.kind === "dir") throw badField("md5");
      if (md5 !== undefined && entry.kind === "file" && md5 !== entry.content.md5) {
        throw new ApiError(409, "MD5DifferError", "MD5 differ.");
      }
      return launch(call, {
        do: () => account.disk.remove(account.disk.get(parts), permanently),
        locks: [parts],
        isUsuallyAsync: entry.kind === "dir" && entry.children.size > 0,
        forceAsync,
        done: () => ({ status: 204, value: undefined }),
      });
    } finally {
      done();
    }
  },
};
