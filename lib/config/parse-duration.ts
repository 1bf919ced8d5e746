const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** What `parseDuration` takes, for messages. */
export const DURATION_FORM = 'must be a time such as "90s", "10m", "1h30m", "26h" or "7d"';

/** Milliseconds, more than none. A bare number is refused: seconds and minutes are too easily mistaken for each other. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim().toLowerCase().replaceAll(/\s+/g, "");
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  }
  const rounded = Math.round(total);
  return rounded > 0 && Number.isSafeInteger(rounded) ? rounded : undefined;
}
