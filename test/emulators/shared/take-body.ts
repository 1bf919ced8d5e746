import type { Bytes } from "./bytes.js";
import { IncomingBody } from "./incoming-body.js";
import type { Spool } from "./spool.js";

export interface TakenBody {
  /** Undefined when the body was larger than `limitBytes`; the rest was read and thrown away. */
  readonly bytes: Bytes | undefined;
  readonly sizeBytes: number;
  /** False when the client went away before the end. What came until then is in `bytes`. */
  readonly isWhole: boolean;
}

/** Takes a request's body to the spool as it comes, hashed on the way. */
export async function takeBody(
  spool: Spool,
  request: AsyncIterable<Buffer>,
  { limitBytes, hasher }: { readonly limitBytes: number; readonly hasher: { update(chunk: Buffer): void } },
): Promise<TakenBody> {
  const body = new IncomingBody(request);
  const receiver = spool.receive();
  for await (const chunk of body.chunks()) {
    if (body.takenBytes > limitBytes) continue;
    hasher.update(chunk);
    await receiver.write(chunk);
  }
  const { isWhole, takenBytes: sizeBytes } = body;
  if (sizeBytes <= limitBytes) return { bytes: await receiver.end(), sizeBytes, isWhole };
  await receiver.abandon();
  return { bytes: undefined, sizeBytes, isWhole };
}
