import { expect, test } from "vitest";
import { createPartMemory } from "../../../providers/dropbox/part-memory.js";

test("memory that has come back is lent again", async () => {
  const parts = createPartMemory();
  const first = await parts.lend(8, async (memory) => memory.buffer);
  const second = await parts.lend(8, async (memory) => memory.buffer);
  expect(second).toBe(first);
});

test("memory that is in use is not lent to anyone else, and comes back after a failure", async () => {
  const parts = createPartMemory();
  const lent: ArrayBufferLike[] = [];
  const failing = parts.lend(8, async (outer) => {
    lent.push(outer.buffer);
    await parts.lend(8, async (inner) => lent.push(inner.buffer));
    throw new Error("the request failed");
  });
  await expect(failing).rejects.toThrow("the request failed");
  expect(new Set(lent).size).toBe(2);
  expect(lent).toContain(await parts.lend(8, async (memory) => memory.buffer));
});

test("a last part that is shorter gets exactly its size, and a longer one gets new memory", async () => {
  const parts = createPartMemory();
  await parts.lend(8, async () => undefined);
  expect(await parts.lend(3, async (memory) => memory.length)).toBe(3);
  expect(await parts.lend(16, async (memory) => memory.length)).toBe(16);
});
