import type { DeleteLimit } from "./options.js";
import { parseWholeNumber } from "./parse-number.js";

/** What `parseDeleteLimit` takes, for messages. */
export const DELETE_LIMIT_FORM = 'must be a number of files such as "20", or a share such as "50%"';

/** "20" files, or "50%" of the base; 0 lets no deletion through without approval. */
export function parseDeleteLimit(text: string): DeleteLimit | undefined {
  const share = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text.trim());
  if (share !== null) {
    const percent = Number(share[1]);
    return percent <= 100 ? { percent } : undefined;
  }
  const files = parseWholeNumber(text, { from: 0, to: Number.MAX_SAFE_INTEGER });
  return files === undefined ? undefined : { files };
}
