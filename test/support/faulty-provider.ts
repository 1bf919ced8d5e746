import type { Readable } from "node:stream";
import { ProviderError } from "../../lib/model/errors.js";
import type { ListingPage, Provider } from "../../providers/provider.js";

/** The process is gone: nothing more of it happens. No part of the program may catch it. */
export class Killed extends Error {
  override readonly name = "Killed";
}

export interface Fault {
  /** The n-th call (counted from 1; every page of a listing is one) goes wrong; all if undefined. */
  readonly atCall: number | undefined;
  /** "before": the call never reached the service. "after": it was carried out, and the answer was lost. */
  readonly phase: "before" | "after";
  /** "kill" also rejects every call after it, as a dead process makes none. */
  readonly how: "fail" | "kill";
  /** What a failing call rejects with. */
  readonly error?: Error;
}

/** The calls that can go wrong, by their names in the contract. */
export type Call = Exclude<keyof Provider, "capabilities" | "refusal" | "requests">;

export interface FaultyProvider extends Provider {
  /** What was called so far, in order. */
  readonly calls: readonly Call[];
}

/** Wraps a provider; one call goes wrong, all others pass. Without a fault it only counts. */
export function createFaultyProvider(provider: Provider, fault: Fault | undefined): FaultyProvider {
  const calls: Call[] = [];
  let isDead = false;

  function assertAlive(): void {
    if (isDead) throw new Killed("killed by the test");
  }

  function fail(): never {
    if (fault?.how === "kill") {
      isDead = true;
      throw new Killed("killed by the test");
    }
    throw fault?.error ?? new ProviderError("unavailable", "failed by the test");
  }

  async function guard<T>(call: Call, work: () => Promise<T>): Promise<T> {
    assertAlive();
    calls.push(call);
    const isHit = fault !== undefined && (fault.atCall === undefined || fault.atCall === calls.length);
    if (isHit && fault.phase === "before") fail();
    const result = await work();
    // Another call may have been the fatal one meanwhile.
    assertAlive();
    if (isHit) fail();
    return result;
  }

  async function* list(cursor: string | undefined, signal: AbortSignal): AsyncGenerator<ListingPage> {
    const pages = provider.list(cursor, signal)[Symbol.asyncIterator]();
    for (;;) {
      const next = await guard("list", () => pages.next());
      if (next.done) return;
      yield next.value;
    }
  }

  return {
    calls,
    capabilities: provider.capabilities,
    identify: (signal, isAfresh) => guard("identify", () => provider.identify(signal, isAfresh)),
    list,
    stat: (path, signal) => guard("stat", () => provider.stat(path, signal)),
    hash: (file, signal) => guard("hash", () => provider.hash(file, signal)),
    download: (file, start, signal) =>
      guard("download", (): Promise<Readable> => provider.download(file, start, signal)),
    upload: (upload, signal) => guard("upload", () => provider.upload(upload, signal)),
    uploadBatch: (uploads, signal) => guard("uploadBatch", () => provider.uploadBatch(uploads, signal)),
    createFolders: (paths, signal) => guard("createFolders", () => provider.createFolders(paths, signal)),
    move: (moves, signal) => guard("move", () => provider.move(moves, signal)),
    delete: (entries, signal) => guard("delete", () => provider.delete(entries, signal)),
    refusal: (path, sizeBytes) => provider.refusal(path, sizeBytes),
    requests: () => provider.requests(),
    close: (signal) => guard("close", () => provider.close(signal)),
  };
}
