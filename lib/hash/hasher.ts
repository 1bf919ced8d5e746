import { joinHashes, type ContentHash, type HashAlgorithm } from "../model/hash.js";
import { createCryptoHasher } from "./crypto-hasher.js";
import { createDropboxHasher } from "./dropbox-content-hash.js";
import { createQuickXorHasher } from "./quick-xor-hash.js";

/** Takes content in pieces of any length; the hash does not depend on how it was cut. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  /** Of everything so far. Changes nothing: more may follow, and the digest may be asked for again. */
  digest(): ContentHash;
}

/** With several algorithms the digest holds one hash of each, in the order given. */
export function createHasher(algorithm: HashAlgorithm, ...others: readonly HashAlgorithm[]): Hasher {
  const first = CREATORS[algorithm]();
  if (others.length === 0) return first;
  const rest = others.map((other) => CREATORS[other]());
  return {
    update: (chunk) => {
      first.update(chunk);
      for (const hasher of rest) hasher.update(chunk);
    },
    digest: () => joinHashes(first.digest(), ...rest.map((hasher) => hasher.digest())),
  };
}

const CREATORS: Record<HashAlgorithm, () => Hasher> = {
  sha256: () => createCryptoHasher("sha256"),
  sha1: () => createCryptoHasher("sha1"),
  md5: () => createCryptoHasher("md5"),
  dropbox: createDropboxHasher,
  quickxor: createQuickXorHasher,
};
