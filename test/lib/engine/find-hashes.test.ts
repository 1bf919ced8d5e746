import { describe, expect, test } from "vitest";
import { createHashes } from "../../../lib/engine/find-hashes.js";
import type { AnswerQuestion } from "../../../lib/engine/resolve.js";
import type { Triple } from "../../../lib/engine/triple.js";
import type { Problem, RemoteFile } from "../../../lib/model/entry.js";
import { ProviderError } from "../../../lib/model/errors.js";
import type { ProviderErrorCode } from "../../../lib/model/errors.js";
import { toPathKey, toSyncPath } from "../../../lib/model/path.js";
import { MemoryProvider } from "../../support/memory-provider.js";
import { MemoryWorld } from "../../support/memory-world.js";

/** Asks for the remote hashes of so many files of a service that fails with these, one after the other, and then answers. */
async function askFor(count: number, failures: readonly ProviderErrorCode[]) {
  const waiting = [...failures];
  const problems: Problem[] = [];
  const { capabilities } = new MemoryProvider(new MemoryWorld({}), {});
  const { answer } = createHashes({
    state: { hashes: { get: () => undefined, put: () => undefined } },
    folder: { hash: async () => "sha256:00" },
    provider: {
      capabilities,
      hash: async ({ path }) => {
        const code = waiting.shift();
        if (code !== undefined) throw new ProviderError(code, `cannot read ${path}`);
        return "sha256:00";
      },
    },
    rehash: false,
    moves: { local: [], remote: [] },
    report: (problem) => problems.push(problem),
    signal: new AbortController().signal,
  });
  const answers: Awaited<ReturnType<AnswerQuestion>>[] = [];
  for (let i = 0; i < count; i++) answers.push(await askOne(answer, `f${String(i)}`));
  return { answers, problems };
}

async function askOne(answer: AnswerQuestion, name: string): ReturnType<AnswerQuestion> {
  const path = toSyncPath(name);
  const remote: RemoteFile = {
    kind: "file",
    path,
    id: name,
    version: "1",
    sizeBytes: 1,
    modifiedMs: 0,
    hash: undefined,
  };
  const triple: Triple = {
    key: toPathKey(path, false),
    base: undefined,
    local: undefined,
    remote,
    tombstone: false,
    unknown: { local: false, remote: false },
    ignored: false,
    localPath: path,
    remotePath: path,
    depth: 0,
  };
  return answer("remote-hash", triple, { base: undefined, local: undefined, remote });
}

describe("a file there whose content cannot be read", () => {
  test.each(["rejected", "unavailable", "changed", "not-found"] as const)(
    "(%s) is a problem of its own path",
    async (code) => {
      const { answers, problems } = await askFor(2, [code]);
      expect(answers).toEqual(["unreadable", "sha256:00"]);
      expect(problems).toMatchObject([{ side: "remote", path: "f0", code: "unreadable", message: "cannot read f0" }]);
    },
  );

  test("ends the run when nobody is signed in", async () => {
    await expect(askFor(1, ["unauthorized"])).rejects.toMatchObject({ code: "unauthorized" });
  });

  test("ends the run when it is so with every file", async () => {
    const failures = new Array<ProviderErrorCode>(5).fill("unavailable");
    await expect(askFor(5, failures)).rejects.toMatchObject({ code: "unavailable" });
    expect((await askFor(4, failures.slice(1))).problems).toHaveLength(4);
  });
});
