import { describe, expect, test } from "vitest";
import type { JobState } from "../../../lib/state/types.js";
import type { Provider } from "../../../providers/provider.js";
import { createRandom, type Random } from "../../simulation/random.js";
import type { OneDriveEmulator } from "../../emulators/onedrive/emulator.js";
import { openState } from "../../lib/state/builders.js";
import { signal } from "../support/signal.js";
import { openProvider, useEmulator } from "./support.js";

const emulator = useEmulator();

const SEEDS = 20;
const LISTINGS = 6;
const MOST_EDITS = 6;
/** Few, so that names are taken again by others. */
const NAMES = ["a", "b", "c", "new"];

interface Watched {
  readonly state: JobState;
  readonly provider: Provider;
}

async function watch(): Promise<Watched> {
  const state = openState();
  const known = { find: (id: string) => state.mirror.find(id) };
  const mirror = { known, follow: (provider: Provider) => provider, add: () => undefined, paths: () => [] };
  return { state, provider: await openProvider(emulator(), { mirror, memory: state.memory }) };
}

async function listOnce({ state, provider }: Watched): Promise<void> {
  await state.mirror.take(provider.list(state.facts.get("cursor"), signal), true);
}

/** Path and id of all that the job takes to be there. */
function believed({ state }: Watched): readonly string[] {
  const rows = [...state.mirror.rows()].flatMap(({ entry }) =>
    entry.kind === "file" || entry.kind === "folder" ? [`${entry.path} ${entry.kind} ${entry.id ?? "?"}`] : [],
  );
  return rows.sort();
}

function truth({ drive }: OneDriveEmulator): readonly string[] {
  const items = [...drive.below(drive.root)].map((item) => ({ item, path: drive.pathOf(item) }));
  return items
    .flatMap(({ item, path }) => (path.startsWith("Docs/") ? [`${path.slice(5)} ${item.kind} ${item.id}`] : []))
    .sort();
}

/**
 * One edit that somebody makes there; what the service refuses does not happen. What was moved into a folder that is deleted before it is
 * listed there goes without a word of the service, and shows only in a complete listing: folders into which something was moved stay.
 */
function edit({ remote, drive }: OneDriveEmulator, random: Random, filled: Set<string>): string {
  const paths = [...drive.below(drive.root)].map((item) => `/${drive.pathOf(item)}`).filter((path) => path !== "/Docs");
  const fresh = ["/Docs", ...Array.from({ length: 1 + random.below(2) }, () => random.pick(NAMES))].join("/");
  const old = paths.length > 0 ? random.pick(paths) : fresh;
  const isFree = !paths.includes(fresh);
  const move = (): void => {
    if (isFree && !fresh.startsWith(`${old}/`) && paths.includes(old)) remote.move(old, fresh);
    filled.add(fresh);
  };
  const remove = (): void => {
    if (![...filled].some((path) => `${path}/`.startsWith(`${old}/`))) remote.delete(old);
  };
  const acts: readonly (readonly [string, () => void])[] = [
    [`write ${fresh}`, () => isFree && remote.write(fresh, `${String(random())} bytes`)],
    [`mkdir ${fresh}`, () => isFree && remote.mkdir(fresh)],
    [`move ${old} ${fresh}`, move],
    [`move ${old} ${fresh}`, move],
    [`delete ${old}`, remove],
  ];
  const [words, act] = random.pick(acts);
  try {
    act();
    return words;
  } catch (error) {
    return `${words}: ${String(error)}`;
  }
}

describe("what is listed after any edits there", () => {
  test.each(["one page", "pages of three"])("is what is there, by path and id, on %s", async (pages) => {
    if (pages === "pages of three") emulator().settings.deltaPageSize = 3;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = createRandom(seed);
      const watched = await watch();
      await listOnce(watched);
      for (let listing = 0; listing < LISTINGS; listing++) {
        const filled = new Set<string>();
        const edits = Array.from({ length: 1 + random.below(MOST_EDITS) }, () => edit(emulator(), random, filled));
        await listOnce(watched);
        expect(believed(watched), `seed ${String(seed)}, listing ${String(listing)}: ${edits.join(", ")}`).toEqual(
          truth(emulator()),
        );
      }
    }
  });
});
