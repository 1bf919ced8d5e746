import { refuseFault } from "../shared/faults.js";
import type { Fault } from "./faults.js";
import { ROUTES } from "./routes/index.js";

const DOWNLOADS = ["GET download", "GET storage"];
const UPLOADS = ["PUT upload-target"];
const LISTINGS = ["GET resources", "GET resources/files", "GET resources/public", "GET trash/resources"];
const OPERATIONS = [
  ...["DELETE resources", "POST resources/move", "POST resources/copy"],
  ...["PUT trash/resources/restore", "DELETE trash/resources"],
];

/** Routes that each of these kinds can do something to; all other kinds can strike anywhere. */
const ONLY_AT: Readonly<Partial<Record<Fault["kind"], readonly string[]>>> = {
  "truncated-download": DOWNLOADS,
  "wrong-bytes": DOWNLOADS,
  "expired-link": [...DOWNLOADS, "HEAD download", "HEAD storage"],
  "expired-token": [...ROUTES.keys()],
  "short-page": LISTINGS,
  "empty-page": LISTINGS,
  "missing-entries": LISTINGS,
  "repeated-entry": LISTINGS,
  "no-embedded": ["GET resources"],
  accepted: UPLOADS,
  "late-visible": UPLOADS,
  "late-answer": UPLOADS,
  "corrupt-upload": UPLOADS,
  "truncated-upload": UPLOADS,
  "lost-patch": ["PATCH resources"],
  "slow-operation": OPERATIONS,
  "failed-operation": OPERATIONS,
};

const NEEDS_BODY: ReadonlySet<string> = new Set<Fault["kind"]>(["half-json", "half-body", "empty-body", "slow-body"]);

/** Throws when a request of the fault's route could be struck by it and be answered as if nothing had happened. */
export function assertPossible(fault: Fault): void {
  const { kind, route } = fault;
  const routes = ONLY_AT[kind];
  if (routes?.includes(route) === false) refuseFault(fault, `it is for ${routes.join(", ")}`);
  if (NEEDS_BODY.has(kind) && mayHaveNoBody(route)) refuseFault(fault, "an answer may have no body");
}

/** Of what is deleted without an operation nothing is told, nor of what has been uploaded. */
function mayHaveNoBody(route: string): boolean {
  return route === "*" || UPLOADS.includes(route) || /^(?:HEAD|DELETE) /.test(route);
}
