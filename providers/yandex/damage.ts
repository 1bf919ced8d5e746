import { ProviderError } from "../../lib/model/errors.js";
import { attemptUpload } from "../attempts.js";
import { hashBeginning } from "./content-hash.js";
import { hashOf, isVersion } from "./entries.js";
import type { Item } from "./schemas.js";
import type { Delivery } from "./sending.js";

/** The service has stored other bytes than were sent. */
export class DamagedError extends ProviderError {
  constructor(
    message: string,
    /** The MD5 of what it has stored instead. */
    readonly md5: string,
  ) {
    super("unavailable", message);
  }
}

/** The error for what is shown instead of content that was sent; undefined when somebody else has written it. */
export async function damageIn(
  delivery: Delivery,
  found: Item,
  signal: AbortSignal,
): Promise<DamagedError | undefined> {
  const { path, content } = delivery.file;
  const { md5, size } = found;
  if (md5 === undefined || size === undefined || !(await isDamaged(delivery, found, size, signal))) return undefined;
  const what = size === content.sizeBytes ? "wrong bytes" : `only ${size} of ${content.sizeBytes} bytes`;
  return new DamagedError(`upload ${path}: Yandex Disk took the content and stored ${what}`, md5);
}

/**
 * Content that is damaged on the way keeps its size, or is cut off. What somebody else writes in the moment after is hardly ever the
 * beginning of the very same file. Where that cannot be told because the file cannot be read any more, it counts as damaged: damaged
 * content goes to the trash of the service, from where whatever it was can be brought back.
 */
async function isDamaged(
  { file, mayReplace }: Delivery,
  found: Item,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { content, replaces } = file;
  if (found.type !== "file" || sizeBytes > content.sizeBytes) return false;
  if (mayReplace && replaces !== undefined && isVersion(found, replaces)) return false;
  if (sizeBytes === content.sizeBytes) return true;
  const beginning = await attemptUpload(file, () => hashBeginning(content, sizeBytes, signal));
  return !beginning.ok || beginning.value === hashOf(found);
}
