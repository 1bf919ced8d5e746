import { createHash } from "node:crypto";

/** QuickXorHash turns round after so many bytes, so that whole blocks of this size may change places. */
const BLOCK_BYTES = 160;
const BLOCKS = 16;

/** Another text for every other content, all of one size and with one QuickXorHash: the same blocks in another order. */
export function toColliding(content: string): string {
  const order = Array.from({ length: BLOCKS }, (_, i) => i);
  const chance = createHash("sha256").update(content).digest();
  for (let last = BLOCKS - 1; last > 0; last--) {
    const other = (chance[last] ?? 0) % (last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order.map((block) => `block ${String(block)} `.padEnd(BLOCK_BYTES, ".")).join("");
}
