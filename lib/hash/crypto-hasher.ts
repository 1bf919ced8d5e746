import { createHash } from "node:crypto";
import type { Hasher } from "./hasher.js";

/** The hashes that Node brings along. */
export function createCryptoHasher(algorithm: "sha256" | "sha1" | "md5"): Hasher {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    // A Node hash can be read only once, a copy of it costs next to nothing.
    digest: () => `${algorithm}:${hash.copy().digest("hex")}`,
  };
}
