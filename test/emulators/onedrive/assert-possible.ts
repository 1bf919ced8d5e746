import { refuseFault } from "../shared/faults.js";
import { isWireFault } from "../shared/wire-fault.js";
import type { Fault } from "./faults.js";

const LISTINGS = ["delta", "children"];
const RANGES = ["upload-range", "upload-status", "upload-cancel", "upload-commit"];
/** What answers with a file, or may. */
const SHOWS_FILE = [
  ...LISTINGS,
  ...["item", "create-folder", "update", "restore", "upload", "commit-by-source", "upload-range", "upload-commit"],
];

/** Routes that each of these kinds can do something to; all other kinds can strike anywhere. */
const ONLY_AT: Readonly<Partial<Record<Fault["kind"], readonly string[]>>> = {
  "truncated-download": ["download"],
  "wrong-bytes": ["download"],
  "expired-url": [...RANGES, "download", "monitor"],
  "lost-session": RANGES,
  gone: ["delta"],
  "empty-page": LISTINGS,
  "short-page": LISTINGS,
  "repeated-items": ["delta"],
  "repeated-link": LISTINGS,
  "missing-items": LISTINGS,
  "missing-hash": SHOWS_FILE,
  "no-content": ["update"],
};

/** Routes whose answers have no body, and those that stand for such routes as well. */
const BODILESS = new Set([
  ...["*", "graph/*", "files/*"],
  ...["content", "version-content", "delete", "permanent-delete", "copy", "upload-cancel"],
]);
const NEEDS_BODY: ReadonlySet<string> = new Set<Fault["kind"]>(["half-json", "half-body", "empty-body", "slow-body"]);

/** Hosts that take no bearer. */
const WITHOUT_TOKEN = new Set([
  ...["*", "login/*", "files/*", "token", "devicecode", "authorize", "logout", "adminconsent"],
  ...["openid-configuration", "instance-discovery", "nativeclient", "download", "monitor", ...RANGES],
]);

/** Throws when a request of the fault's route could be struck by it and be answered as if nothing had happened. */
export function assertPossible(fault: Fault): void {
  const { kind, route } = fault;
  const isMember = route.startsWith("batch/");
  if (isMember && isWireFault(fault)) refuseFault(fault, "a member of a batch has no connection of its own");
  const routes = ONLY_AT[kind];
  if (routes !== undefined && !routes.includes(route.replace(/^batch\//, ""))) {
    refuseFault(fault, `it is for ${routes.join(", ")}`);
  }
  if (NEEDS_BODY.has(kind) && BODILESS.has(route)) refuseFault(fault, "an answer may have no body");
  if (kind === "expired-token" && WITHOUT_TOKEN.has(route)) refuseFault(fault, "a request may have no token");
}
