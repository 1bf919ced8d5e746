import type { ContentHash, HashAlgorithm } from "../model/hash.js";
import { createCryptoHasher } from "./crypto-hasher.js";
import { createDropboxHasher } from "./dropbox-content-hash.js";
import { createQuickXorHasher } from "./quick-xor-hash.js";

/** Takes content in pieces of any length; the hash does not depend on how it was cut. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  /** Of everything so far. Changes nothing: more may follow, and the digest may be asked for again. */
  digest(): ContentHash;
}

export function createHasher(algorithm: HashAlgorithm): Hasher {
  return CREATORS[algorithm]();
}

const CREATORS: Record<HashAlgorithm, () => Hasher> = {
  sha256: () => createCryptoHasher("sha256"),
  sha1: () => createCryptoHasher("sha1"),
  md5: () => createCryptoHasher("md5"),
  dropbox: createDropboxHasher,
  quickxor: createQuickXorHasher,
};
