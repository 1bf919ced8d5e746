const WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

/** What `parseBoolean` takes, for messages. */
export const BOOLEAN_FORM = 'must be "true" or "false"';

/** Undefined for anything that is not plainly yes or no. */
export function parseBoolean(text: string): boolean | undefined {
  return WORDS[text.trim().toLowerCase()];
}
