import { drawSetup } from "./drawn-worlds.js";
import { assertNothingLost, assertOldOrNew } from "./judge.js";
import { settleDown } from "./kills.js";
import { createRandom } from "./random.js";
import { drawTrouble } from "./troubles.js";
import { prepare } from "./whole.js";
import type { Setup, Whole } from "./whole.js";

/**
 * One random world, up to two runs in which something goes wrong, and then peace. Resolves to all that happened, in words, which are
 * the same for the same seed. `howTo` says in failure messages how to see it again.
 */
export async function tryLuck(seed: number, howTo: string): Promise<readonly string[]> {
  const random = createRandom(seed);
  const drawn = drawSetup(random, seed);
  const edits: string[] = [];
  const whole = await prepare({ ...drawn, edits: (world) => remember(edits, drawn, world) });
  let told = `${howTo}\n${describe(drawn)}\nedits: ${edits.join(", ")}`;
  const trace: string[] = [];
  try {
    for (let runs = random.below(3); runs > 0; runs--) {
      let count = 500 * runs;
      const trouble = drawTrouble(whole, { random, fresh: () => `m${count++}`, mode: drawn.mode });
      const ran = await whole.machine.run(trouble.options);
      trouble.over();
      trace.push(...ran.trace);
      told += `\ntrouble: ${trouble.words}`;
      const when = `${told}\n${trace.join("\n")}`;
      assertNothingLost(whole, when);
      assertOldOrNew(whole, undefined, when);
      whole.clock.nowMs += random.chance(0.3) ? random.below(40) : 100_000;
    }
    for (const ran of await settleDown(whole, `${told}\n${trace.join("\n")}`)) trace.push(...ran.trace);
    return trace;
  } finally {
    whole.machine.dispose();
  }
}

type World = Pick<Whole, "machine" | "cloud">;

function* remember(edits: string[], { edits: draw }: Setup, world: World): Generator<string> {
  for (const words of typeof draw === "function" ? draw(world) : draw) {
    edits.push(words);
    yield words;
  }
}

function describe({ provider, base: _base, edits: _edits, ...setup }: Setup): string {
  const { pageEntries, capabilities } = provider ?? {};
  return JSON.stringify({ ...setup, pageEntries, ...capabilities });
}
