import { setMaxListeners } from "node:events";
import type { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Offer } from "./offers.js";
import type { MediaItem } from "./schemas.js";

/** A file whose content is there, and which is to appear in an album. */
export interface Wish {
  readonly title: string;
  /** As it is called there. */
  readonly name: string;
  readonly path: SyncPath;
  readonly sizeBytes: number;
  /** The item that was listed under this name; undefined when none was. */
  readonly replacesId: string | undefined;
  readonly offer: Offer;
}

/** What became of a wish. */
export type Granted =
  /** `isVisible`: the service shows the item to this program. It does not show what the user has put there another way. */
  | { readonly kind: "stored"; readonly albumId: string; readonly item: MediaItem; readonly isVisible: boolean }
  /** The content has to be sent again; should that have been done already, the error tells why it is of no use. */
  | { readonly kind: "send-again"; readonly error: ProviderError }
  /** Passes by itself. */
  | { readonly kind: "later"; readonly error: ProviderError }
  | { readonly kind: "failed"; readonly error: ProviderError };

/**
 * Everything that is written into the library, one call at a time: the service answers writes that overlap, and small ones in a row,
 * by keeping everybody out for an hour. So wishes wait for others of the same album, up to as many as one call takes.
 */
export interface WriteQueue {
  /** Says that a wish for the album is on its way. */
  expect(title: string): Expected;
}

/** A place in the queue, for one file from the beginning to the end of its upload. */
export interface Expected {
  /** May be called again when the first wish came to nothing. */
  add(wish: Wish, signal: AbortSignal): Promise<Granted>;
  /** Nothing more comes. */
  leave(): void;
}

/** Carries out wishes of one album and one kind, in the order given; a rejection is the fate of all. */
export type Write = (wishes: readonly Wish[], signal: AbortSignal) => Promise<Written>;

export interface Written {
  /** Comes later where something is still to be looked at, while others may write already. */
  readonly granted: Promise<readonly Granted[]>;
}

/** The most that the service takes in one call. */
export const MOST_ITEMS = 50;

/** So long a wish waits for others that are on their way: a large video can be on its way for hours. */
const HOLD_MS = 5_000;

interface Waiting {
  readonly wish: Wish;
  readonly signal: AbortSignal;
  readonly sinceMs: number;
  /** It is at work now, and waited for by nobody any more. */
  readonly take: () => void;
  readonly settle: (granted: Granted) => void;
  readonly fail: (reason: unknown) => void;
}

export function createWriteQueue(write: Write): WriteQueue {
  const expected = createCounts();
  let waiting: Waiting[] = [];
  let isWriting = false;
  let timer: NodeJS.Timeout | undefined;

  function pump(): void {
    if (isWriting) return;
    clearTimeout(timer);
    const group = nextGroup(waiting, expected.of);
    if (group.length > 0) void writeGroup(group);
    else if (waiting.length > 0) timer = setTimeout(pump, HOLD_MS);
  }

  async function writeGroup(group: readonly Waiting[]): Promise<void> {
    isWriting = true;
    const taken = new Set(group);
    waiting = waiting.filter((one) => !taken.has(one));
    for (const { take } of group) take();
    try {
      const [first] = group;
      first?.signal.throwIfAborted();
      const wishes = group.map(({ wish }) => wish);
      const { granted } = await write(wishes, first?.signal ?? AbortSignal.abort());
      void settleGroup(group, granted);
    } catch (error) {
      for (const { fail } of group) fail(error);
    } finally {
      isWriting = false;
      pump();
    }
  }

  return {
    expect: (title) => {
      let isCounted = true;
      expected.change(title, 1);
      const uncount = (): void => {
        if (isCounted) expected.change(title, -1);
        isCounted = false;
      };
      return {
        add: (wish, signal) =>
          new Promise((settle, fail) => {
            if (!isCounted) expected.change(title, 1);
            isCounted = true;
            // One signal serves every wish of a run.
            setMaxListeners(0, signal);
            signal.addEventListener("abort", pump, { once: true });
            waiting.push({ wish, signal, sinceMs: performance.now(), take: uncount, settle, fail });
            pump();
          }),
        leave: () => {
          uncount();
          pump();
        },
      };
    },
  };
}

/** How many are on their way to each album. */
function createCounts() {
  const counts = new Map<string, number>();
  const of = (title: string): number => counts.get(title) ?? 0;
  const change = (title: string, by: 1 | -1): void => {
    const left = of(title) + by;
    if (left <= 0) counts.delete(title);
    else counts.set(title, left);
  };
  return { of, change };
}

async function settleGroup(group: readonly Waiting[], promised: Promise<readonly Granted[]>): Promise<void> {
  try {
    const granted = await promised;
    group.forEach(({ settle, fail }, at) => {
      const one = granted[at];
      if (one === undefined) fail(new Error("a wish ended without an outcome"));
      else settle(one);
    });
  } catch (error) {
    for (const { fail } of group) fail(error);
  }
}

/** The first group that is complete, or has waited long enough; empty when all should wait on. */
function nextGroup(waiting: readonly Waiting[], expected: (title: string) => number): readonly Waiting[] {
  const seen = new Set<string>();
  for (const { wish } of waiting) {
    const { title } = wish;
    if (seen.has(title)) continue;
    seen.add(title);
    const ofAlbum = waiting.filter((one) => one.wish.title === title);
    const group = groupOf(ofAlbum);
    const isComplete = group.length === MOST_ITEMS || ofAlbum.length >= expected(title);
    const isOld = ofAlbum.some(({ sinceMs, signal }) => performance.now() - sinceMs >= HOLD_MS || signal.aborted);
    if (isComplete || isOld) return group;
  }
  return [];
}

/** Those of one kind, and of one signal: whoever gives up takes nobody else along. */
function groupOf(ofAlbum: readonly Waiting[]): readonly Waiting[] {
  const [first] = ofAlbum;
  const isAlike = (one: Waiting): boolean =>
    one.wish.offer.kind === first?.wish.offer.kind && one.signal === first.signal;
  return ofAlbum.filter(isAlike).slice(0, MOST_ITEMS);
}
