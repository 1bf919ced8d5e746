import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Contender, Place } from "./contender.js";
import { assertEqual, fingerprint } from "./fingerprint.js";
import type { Cost, Measured } from "./measure.js";
import type { Target } from "./target.js";
import type { Step, Story, Workload } from "./workloads.js";

export interface Figures extends Cost {
  readonly requests: number | undefined;
}

/** One workload against one target, as every program did it. */
export interface Result {
  readonly workload: Workload;
  readonly title: string;
  readonly target: Pick<Target, "title" | "latencyMs" | "service" | "ignoresTimes">;
  readonly figures: Readonly<Partial<Record<Contender["name"], Figures>>>;
}

/** Every step is run by all programs one after the other, so that a busy machine slows them alike. Rejects when a run fails or trees differ. */
export async function* runStory(
  story: Story,
  target: Target,
  { contenders, directory }: { readonly contenders: readonly Contender[]; readonly directory: string },
): AsyncGenerator<Result> {
  const places = new Map<Contender, Place>();
  for (const contender of contenders) {
    const place = placeOf(story, contender, directory);
    for (const folder of [place.local, place.memory]) await mkdir(folder, { recursive: true });
    await story.begin(place.local, join(directory, place.remote));
    places.set(contender, place);
  }
  for (const step of story.steps) {
    const figures: Partial<Record<Contender["name"], Figures>> = {};
    for (const [contender, place] of places) figures[contender.name] = await runStep(step, target, contender, place);
    const { workload, title } = step;
    if (workload !== undefined) yield { workload, title, target, figures };
  }
}

function placeOf(story: Story, contender: Contender, directory: string): Place {
  const name = `${contender.name}-${story.name}`;
  return {
    local: join(directory, `${name}-local`),
    remote: `${name}-remote`,
    memory: join(directory, `${name}-memory`),
  };
}

async function runStep(step: Step, target: Target, contender: Contender, place: Place): Promise<Figures> {
  const what = `${step.title} (${target.title}, ${contender.name})`;
  try {
    if (step.isFresh) await startAfresh(place);
    await step.prepare(place);
    await target.takeRequests();
    const measured = await contender.sync(place, step.direction);
    const requests = checkRequests(await target.takeRequests(), contender, measured);
    // What is not measured is compared after the next step.
    if (step.workload !== undefined) {
      assertEqual(await fingerprint(place.local, target.hash), await target.fingerprint(place.remote));
    }
    return { ...measured.cost, requests };
  } catch (error) {
    throw new Error(what, { cause: error });
  }
}

async function startAfresh(place: Place): Promise<void> {
  for (const folder of [place.local, place.memory]) {
    await rm(folder, { recursive: true });
    await mkdir(folder);
  }
}

/** A program that counts has to count as the service does. */
function checkRequests(seen: number | undefined, contender: Contender, measured: Measured): number | undefined {
  const counted = contender.countedRequests(measured);
  if (seen !== undefined && counted !== undefined && seen !== counted) {
    throw new Error(`it counted ${String(counted)} requests, the service ${String(seen)}`);
  }
  return seen;
}
