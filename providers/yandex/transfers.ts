import pLimit from "p-limit";
import { ProviderError } from "../../lib/model/errors.js";
import type { Upload } from "../provider.js";
import { attempt } from "../attempts.js";

/** Does its work beside other transfers, some at once. */
export type Transfers = <T>(file: Pick<Upload, "path">, work: () => Promise<T>) => Promise<T>;

/**
 * Turns for what sends content. Once the service has said that there is no room or no allowance left, or that the sign-in does not
 * hold any more, all that had to wait fails with the same error, without a request.
 */
export function createTransfers(atOnce: number): Transfers {
  const limit = pLimit(atOnce);
  let refusal: { readonly code: ProviderError["code"]; readonly words: string } | undefined;

  return (file, work) =>
    limit(async () => {
      const subject = `upload ${file.path}: `;
      if (refusal !== undefined) throw new ProviderError(refusal.code, subject + refusal.words);
      const outcome = await attempt(work);
      if (outcome.ok) return outcome.value;
      const { code, message } = outcome.error;
      if (FINAL.has(code)) {
        refusal ??= { code, words: message.startsWith(subject) ? message.slice(subject.length) : message };
      }
      throw outcome.error;
    });
}

const FINAL: ReadonlySet<ProviderError["code"]> = new Set(["quota", "unauthorized"]);
