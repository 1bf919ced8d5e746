const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  ki: 1024,
  kib: 1024,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
};

/** What `parseSize` takes, for messages. */
export const SIZE_FORM = 'must be a size such as "500k", "10MB", "1.5G" or "64MiB"';

/**
 * Bytes. K, M, G and T count in thousands, as disks and services do; Ki, Mi, Gi and Ti in steps of 1024. Case does not
 * matter. Undefined for anything else, and for nothing at all.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const factor = UNITS[match?.[2] ?? "?"];
  if (match === null || factor === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * factor);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** What `parseRate` takes, for messages. */
export const RATE_FORM = 'must be bytes per second such as "500k", "2MB" or "2MB/s"';

/** Bytes per second: a size, with or without "/s". Rates in bits are refused, because they would be read eight times too high. */
export function parseRate(text: string): number | undefined {
  return parseSize(text.trim().replace(/\s*\/s$/i, ""));
}
