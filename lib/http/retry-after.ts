/**
 * Milliseconds that the service asks to wait, from its Retry-After header: seconds or an HTTP date. A date is compared with
 * the answer's own Date header where there is one, because this machine's clock may be wrong. Undefined without a usable header.
 */
export function parseRetryAfter(
  headers: Readonly<Record<string, string | undefined>>,
  nowMs: number,
): number | undefined {
  const value = headers["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;

  const at = Date.parse(value);
  // Date.parse takes "-5" for a year; a real HTTP date names its month.
  if (Number.isNaN(at) || !/[a-z]{3}/i.test(value)) return undefined;
  const sentMs = Date.parse(headers["date"] ?? "");
  return Math.max(0, at - (Number.isNaN(sentMs) ? nowMs : sentMs));
}
