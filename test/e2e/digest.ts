import { createHash } from "node:crypto";

/** A hash under way, in the form in which a service lists it. */
export interface Digest {
  update(chunk: Buffer): void;
  finish(): string;
}

export function createSha256(): Digest {
  const hash = createHash("sha256");
  return { update: (chunk) => void hash.update(chunk), finish: () => hash.digest("hex") };
}
