import { drawSetup } from "./drawn-worlds.js";
import { assertNothingLost, assertOldOrNew } from "./judge.js";
import { settleDown } from "./kills.js";
import { createRandom } from "./random.js";
import { drawTrouble } from "./troubles.js";
import { edit, prepare } from "./whole.js";
import type { Setup } from "./whole.js";

/** One random world, one or two runs in which something goes wrong, and then peace. Resolves to what happened, in words. */
export async function tryLuck(seed: number): Promise<readonly string[]> {
  const random = createRandom(seed);
  const drawn = drawSetup(random, seed);
  const edits: string[] = [];
  const setup: Setup = { ...drawn, edits: (world) => remember(edits, drawn, world) };
  const whole = await prepare(setup).catch((e)=>{console.log(edits.join(", "),describe(setup), e.stack); throw e;});
  let told = `seed ${seed}, ${describe(setup)}\nedits: ${edits.join(", ")}`;
  const trace: string[] = [];
  try {
    for (let runs = random.below(3); runs > 0; runs--) {
      let count = 500 * runs;
      const trouble = drawTrouble(whole, { random, fresh: () => `m${count++}`, mode: drawn.mode });
      const ran = await whole.machine.run(trouble.options);
      trouble.over();
      trace.push(...ran.trace);
      told += `\ntrouble: ${trouble.words}`;
      assertNothingLost(whole, told);
      assertOldOrNew(whole, undefined, told);
      whole.clock.nowMs += random.chance(0.3) ? random.below(40) : 100_000;
    }
    for (const ran of await settleDown(whole, told)) trace.push(...ran.trace);
    return trace;
  } catch (error) {
    if (process.env["VERBOSE"] !== undefined) console.log(error instanceof Error ? error.stack : error, told, "\n", trace.join("\n"));
    throw error;
  } finally {
    whole.machine.dispose();
  }
}

function* remember(edits: string[], { edits: draw }: Setup, world: Parameters<typeof edit>[0]): Generator<string> {
  for (const words of typeof draw === "function" ? draw(world) : draw) {
    edits.push(words);
    yield words;
  }
}

function describe({ mode, conflict, ignoresCase, hasLinks, provider }: Setup): string {
  return JSON.stringify({
    mode,
    conflict,
    ignoresCase,
    hasLinks,
    ...provider?.capabilities,
    pageEntries: provider?.pageEntries,
  });
}
