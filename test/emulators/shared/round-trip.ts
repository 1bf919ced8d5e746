import { setTimeout as delay } from "node:timers/promises";

/** Over when the emulated round trip is. */
export async function roundTrip({ latencyMs }: { readonly latencyMs: number }): Promise<void> {
  if (latencyMs > 0) await delay(latencyMs);
}
