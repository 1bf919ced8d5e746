import type { SyncPath } from "../../lib/model/path.js";

/** What goes wrong with one memory provider. Everything may be changed at any time; counts go down as they are used up. */
export interface MemoryFaults {
  /** The listing breaks off with "unavailable" after so many pages. */
  listFailsAfterPages: number | undefined;
  /** Full listings leave out so many entries at the end, without a word. */
  listLeavesOut: number;
  /** Continued listings do not show the newest so many changes yet. */
  listingLag: number;
  /** An empty page before every page. */
  emptyPages: boolean;
  /** Every change is listed twice. */
  duplicates: boolean;
  /** Paths whose hash the service does not know. */
  readonly withoutHash: Set<string>;
  /** So many uploads are stored, but answered with "unavailable". */
  ambiguousUploads: number;
  /** So many uploads are stored cut short by one byte; the provider notices, and rejects with "unavailable". */
  truncatedUploads: number;
  /** The service stores other bytes than were sent, as some do with photos and documents. */
  alterBytes: ((bytes: Buffer) => Buffer) | undefined;
  /** Somebody else is at work between the plan and the write. */
  beforeWrite: ((path: SyncPath) => void) | undefined;
  /** Downloads end after so many bytes, as if that were all. */
  downloadsEndAfter: number | undefined;
  /** Bytes that may be stored in all; uploads beyond are rejected with "quota". */
  quotaBytes: number | undefined;
  /** Every call rejects with "unavailable". */
  isUnavailable: boolean;
  /** From this call on (counted from 1) the token is no longer good. */
  unauthorizedFromCall: number | undefined;
}

export function noFaults(): MemoryFaults {
  return {
    listFailsAfterPages: undefined,
    listLeavesOut: 0,
    listingLag: 0,
    emptyPages: false,
    duplicates: false,
    withoutHash: new Set(),
    ambiguousUploads: 0,
    truncatedUploads: 0,
    alterBytes: undefined,
    beforeWrite: undefined,
    downloadsEndAfter: undefined,
    quotaBytes: undefined,
    isUnavailable: false,
    unauthorizedFromCall: undefined,
  };
}
