import { expect } from "vitest";
import { changingContent, uploadOf } from "../support/builders.js";
import type { Suite } from "./contract.js";
import { contents, expectHashOf, put } from "./contract-bed.js";
import { codesOf } from "./support/outcomes.js";
import { signal } from "./support/signal.js";

/** Many small files with few requests. */
export function testBatches({ check, capabilities }: Suite): void {
  if (capabilities.batch === undefined) return;

  check("a batch stores all its files, in the order given", async ({ provider }) => {
    const names = Array.from({ length: 20 }, (_, i) => `d${i % 4}/f${i}.txt`);
    const attempts = await provider.uploadBatch(
      names.map((name) => uploadOf(name, `content of ${name}`)),
      signal,
    );
    expect(codesOf(attempts)).toEqual(names.map(() => "ok"));
    const stored = attempts.flatMap((attempt) => (attempt.ok ? [attempt.value] : []));
    expect(stored.map(({ entry }) => entry.path)).toEqual(names);
    for (const { entry, sentHash } of stored) expectHashOf(provider, `content of ${entry.path}`, sentHash);
    expect(await contents(provider)).toEqual(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  });

  check("a batch of none is no error", async ({ provider }) => {
    expect(await provider.uploadBatch([], signal)).toEqual([]);
  });

  if (!capabilities.canReplace) return;

  check("each file of a batch has an outcome of its own", async ({ provider, openAnother }) => {
    const stale = await put(provider, "stale.txt", "old");
    await put(await openAnother(), "stale.txt", "theirs", { replaces: stale });
    await put(provider, "taken.txt", "there");
    const fresh = await put(provider, "fresh.txt", "old");
    const attempts = await provider.uploadBatch(
      [
        uploadOf("new.txt", "1"),
        uploadOf("taken.txt", "22"),
        uploadOf("stale.txt", "333", { replaces: stale }),
        uploadOf("moving.txt", changingContent("0123456789", 5)),
        uploadOf("fresh.txt", "55555", { replaces: fresh }),
        uploadOf("empty.txt", ""),
      ],
      signal,
    );
    expect(codesOf(attempts)).toEqual(["ok", "changed", "changed", "changed", "ok", "ok"]);
    const expected = {
      "taken.txt": "there",
      "stale.txt": "theirs",
      "new.txt": "1",
      "fresh.txt": "55555",
      "empty.txt": "",
    };
    expect(await contents(provider)).toEqual(expected);
  });
}
