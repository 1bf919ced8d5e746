import { setTimeout as delay } from "node:timers/promises";
import type { Settings } from "./settings.js";

/** Lets the first bytes through at once and the rest slowly, as uploads of some classes are treated. */
export async function* throttle(
  body: AsyncIterable<Buffer>,
  { slowBurstBytes, slowBytesPerSecond }: Settings,
): AsyncGenerator<Buffer> {
  const startedMs = Date.now();
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    const dueMs = slowBytesPerSecond === 0 ? 0 : ((seen - slowBurstBytes) / slowBytesPerSecond) * 1000;
    const waitMs = startedMs + dueMs - Date.now();
    if (waitMs > 0) await delay(waitMs);
    yield chunk;
  }
}
