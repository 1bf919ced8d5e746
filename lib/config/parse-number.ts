/** A whole number within [from, to], in plain digits; undefined for anything else. */
export function parseWholeNumber(
  text: string,
  range: { readonly from: number; readonly to: number },
): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,15}$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value >= range.from && value <= range.to ? value : undefined;
}
