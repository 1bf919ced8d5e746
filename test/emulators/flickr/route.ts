import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import type { Exchange } from "./exchange.js";
import { commonFailure, photoNotFound, setNotFound, userNotFound } from "./failures.js";
import type { LibraryView } from "./library.js";
import type { Caller } from "./oauth-check.js";
import { isPrivate, type Photo, type Photoset } from "./photo.js";
import type { Tree } from "./rest-format.js";
import type { Perms } from "./tokens.js";

/** Who calls a method, and with what. */
export interface Call extends Exchange {
  readonly caller: Caller;
}

/** One method of the API. */
export interface Method {
  /** Without `flickr.` */
  readonly name: string;
  readonly perms: Perms | "none";
  /** Wants POST. */
  readonly isWrite?: boolean;
  /** The arguments it knows; any other one is a mistake. */
  readonly args: readonly string[];
  run(call: Call): Tree;
}

export function arg({ fields }: Pick<Call, "fields">, name: string): string | undefined {
  return fields.get(name);
}

/** For arguments that a method cannot do without: their lack is a mistake whatever it answers. */
export function required(call: Call, name: string): string {
  const value = arg(call, name);
  if (value === undefined) noteMisuse(call, `${name} is missing`);
  return value ?? "";
}

/** A comma list: spaces in it belong to the values, which are then unknown. */
export function listArg(call: Call, name: string): readonly string[] {
  const text = arg(call, name) ?? "";
  if (/,\s|\s,/.test(text)) noteMisuse(call, `spaces in the comma list ${name}`);
  return text === "" ? [] : text.split(",");
}

export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

/** The account of a method that needs a person. */
export function me({ caller }: Call): Account {
  if (caller.account === undefined) throw commonFailure(99);
  return caller.account;
}

/** The account that `user_id` names: "me", an NSID, or nothing for the caller. */
export function accountArg(call: Call, unknownCode: number): Account {
  const { caller, world } = call;
  const userId = arg(call, "user_id") ?? "me";
  const account = userId === "me" ? caller.account : world.accounts.get(userId);
  if (account === undefined) throw userNotFound(unknownCode);
  return account;
}

export function isOwner({ caller }: Call, { nsid }: { readonly nsid: string }): boolean {
  return caller.account?.nsid === nsid;
}

export function canSee(call: Call, photo: Photo): boolean {
  return !isPrivate(photo) || isOwner(call, photo);
}

/** A photo that the caller may see. */
export function seenPhoto(call: Call, name = "photo_id"): Photo {
  const photo = call.world.accounts.photo(required(call, name));
  if (photo === undefined || !canSee(call, photo)) throw photoNotFound();
  return photo;
}

/** A photo of the caller's own; `code` is what its lack is called in this method. */
export function ownPhoto(call: Call, { name = "photo_id", code = 1 }: { name?: string; code?: number } = {}): Photo {
  const photo = me(call).library.photo(required(call, name));
  if (photo === undefined) throw photoNotFound(code);
  return photo;
}

export function ownSet(call: Call): Photoset {
  const set = me(call).library.set(required(call, "photoset_id"));
  if (set === undefined) throw setNotFound();
  return set;
}

/** What a listing of this account shows: the library as it is, or as it was when the listings were frozen. */
export function listedView({ world }: Call, { library, nsid }: Account): LibraryView {
  const { frozenListings } = world;
  const frozen = frozenListings?.views.get(nsid);
  if (frozenListings === undefined || frozen === undefined || frozenListings.requestsLeft < 1) return library;
  frozenListings.requestsLeft -= 1;
  return frozen;
}
