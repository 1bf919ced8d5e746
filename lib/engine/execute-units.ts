import type { Capabilities } from "../../providers/provider.js";
import type { ActionKind } from "../model/action.js";
import type { PlannedStep } from "../state/types.js";
import { STAGE } from "./stages.js";

/** Steps that are carried out together: one, or many of one kind where the provider takes many with few requests. */
export interface Unit {
  readonly steps: readonly PlannedStep[];
}

/** Entries that one call of a provider's plural methods gets. */
const MOST_ENTRIES = 500;

/** State-only steps gather too: they share a transaction. */
const PLURAL: ReadonlySet<ActionKind> = new Set([
  "delete-remote",
  "create-folder-remote",
  "move-remote",
  "record",
  "forget",
]);

/** Gathers neighbours of one kind; small uploads gather across others in between, because their order does not matter. */
export function* toUnits(steps: Iterable<PlannedStep>, capabilities: Capabilities): Generator<Unit> {
  const small = createBatch(capabilities.batch);
  let group: PlannedStep[] = [];
  for (const step of steps) {
    if (small.takes(step)) {
      const full = small.add(step);
      if (full !== undefined) yield { steps: full };
      continue;
    }
    const isSameKind = group[0] === undefined || (group[0].action.kind === step.action.kind && isPlural(step));
    if (group.length > 0 && (!isSameKind || group.length >= MOST_ENTRIES)) {
      yield { steps: group };
      group = [];
    }
    group.push(step);
  }
  if (group.length > 0) yield { steps: group };
  const rest = small.rest();
  if (rest.length > 0) yield { steps: rest };
}

/** Renamed folders go one by one: the next may lie in the one before. */
function isPlural({ action }: PlannedStep): boolean {
  if (action.kind === "move-remote") return action.remote.kind === "file";
  return PLURAL.has(action.kind);
}

interface Batch {
  takes(step: PlannedStep): boolean;
  /** The gathered batch, when this step did not fit any more. */
  add(step: PlannedStep): readonly PlannedStep[] | undefined;
  rest(): readonly PlannedStep[];
}

function createBatch(limits: Capabilities["batch"]): Batch {
  let steps: PlannedStep[] = [];
  let totalBytes = 0;
  const sizeOf = ({ action }: PlannedStep): number => (action.kind === "upload" ? action.local.sizeBytes : 0);
  return {
    takes: (step) => {
      const { action, stage } = step;
      if (limits === undefined || stage !== STAGE.transfers || action.kind !== "upload") return false;
      return action.stored === undefined && action.sameAs === undefined && action.local.sizeBytes <= limits.fileBytes;
    },
    add: (step) => {
      const isFull =
        limits !== undefined && (steps.length >= limits.files || totalBytes + sizeOf(step) > limits.totalBytes);
      const full = isFull && steps.length > 0 ? steps : undefined;
      if (full !== undefined) {
        steps = [];
        totalBytes = 0;
      }
      steps.push(step);
      totalBytes += sizeOf(step);
      return full;
    },
    rest: () => steps,
  };
}
