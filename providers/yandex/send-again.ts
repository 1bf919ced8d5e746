import { backoffMs } from "../../lib/http/backoff.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Attempt } from "../provider.js";
import { attempt, attemptUpload, failed } from "../attempts.js";
import { confirm } from "./confirm.js";
import type { Connection } from "./connection.js";
import { DamagedError } from "./damage.js";
import type { Item } from "./schemas.js";
import { send, type Delivery, type Sent } from "./sending.js";
import { takeBack } from "./take-back.js";

/** What was sent last, and what came of it. */
export interface Confirmed {
  readonly sent: Sent;
  readonly outcome: Attempt<Item>;
}

/** How often content is sent, the first time included, that the service stores damaged. */
export const UNDAMAGED_TRIES = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Verifies what was sent. What the service has stored damaged is taken back and sent again, a few times. In the end, no damaged
 * content is left at a path, where the next run would take it for somebody's edit. Resolves in the order given.
 */
export async function confirmUndamaged(
  connection: Connection,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<readonly Confirmed[]> {
  const outcomes = await confirm(connection, sent, signal);
  return await Promise.all(
    sent.map(async (one) => {
      const outcome = outcomes.get(one);
      if (outcome === undefined) throw new Error("a file that was sent has no outcome");
      return await untilUndamaged(connection, { sent: one, outcome }, signal);
    }),
  );
}

async function untilUndamaged(connection: Connection, first: Confirmed, signal: AbortSignal): Promise<Confirmed> {
  let last = first;
  for (let tries = 1; ; tries++) {
    const { sent, outcome } = last;
    if (outcome.ok || !(outcome.error instanceof DamagedError)) return last;
    const damage = outcome.error;
    const undone = await attempt(() => connection.calls(() => takeBack(connection, sent, damage, signal)));
    if (!undone.ok) return { sent, outcome: failed(undone.error) };
    if (tries === UNDAMAGED_TRIES) return { sent, outcome: failed(stillDamaged(damage)) };
    await pauseBeforeSendingAgain(connection, tries, signal);
    last = await sendAgain(connection, sent, undone.value, signal);
  }
}

async function sendAgain(
  connection: Connection,
  before: Sent,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Confirmed> {
  const delivered = await attemptUpload(delivery.file, () => send(connection, delivery, signal));
  if (!delivered.ok) return { sent: before, outcome: delivered };
  const { sent } = delivered.value;
  const outcome = (await confirm(connection, [sent], signal)).get(sent);
  if (outcome === undefined) throw new Error("a file that was sent has no outcome");
  return { sent, outcome };
}

export async function pauseBeforeSendingAgain(
  { sleep }: Pick<Connection, "sleep">,
  tries: number,
  signal: AbortSignal,
): Promise<void> {
  await sleep(backoffMs(tries, FIRST_PAUSE_MS, Math.random), signal);
}

/** The error for a file that every try has left damaged. */
export function stillDamaged({ message }: DamagedError): ProviderError {
  const times = `each of the ${UNDAMAGED_TRIES} times that it was sent`;
  const now = "the damaged versions were taken away again, and the file here is as it was";
  const advice = "run again later; if it goes on, look for a proxy or a virus scanner that changes what is sent";
  return new ProviderError("unavailable", `${message}, ${times}; ${now}; ${advice}`);
}
