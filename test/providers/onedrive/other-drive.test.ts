import { expect, test } from "vitest";
import { createKnownMirror } from "./known-mirror.js";
import { listAll } from "../support/listings.js";
import { createMemory } from "../support/memory.js";
import { signal } from "../support/signal.js";
import { openProvider, personsEnv, useEmulator } from "./support.js";

const emulator = useEmulator();

/** From now on the same sign-in has another drive; the one before goes to somebody else, or away. Every cursor is dead. */
function exchangeDrive(isKept: boolean, files: readonly string[]): void {
  const { person } = emulator();
  const other = emulator().addAccount({ displayName: "Somebody Else" });
  const before = person.drive;
  person.drive = other.drive;
  other.drive = isKept ? before : undefined;
  for (const file of files) emulator().remote.write(file, "theirs");
  emulator().resetDelta();
}

test.each([
  { title: "which has no such folder", isKept: false, files: [] },
  { title: "which has a folder of that name", isKept: false, files: ["/Docs/theirs.txt"] },
  { title: "while the one before can still be seen", isKept: true, files: ["/Docs/theirs.txt"] },
])("another drive under the same sign-in, $title, is reported, and nothing as deleted", async ({ isKept, files }) => {
  const mirror = createKnownMirror();
  const memory = createMemory();
  const settings = personsEnv(emulator());
  const open = async () => await openProvider(emulator(), { mirror, memory, settings });
  emulator().remote.write("/Docs/ours.txt", "1");
  const first = await open();
  const before = await first.identify(signal);
  const { cursor } = await listAll(first);
  exchangeDrive(isKept, files);

  const second = await open();
  // Nothing is asked for this, so that it cannot be known yet.
  expect(await second.identify(signal)).toEqual(before);
  const { scope, changes, names } = await listAll(second, cursor);
  expect(scope).toBe("full");
  expect(changes.filter(({ kind }) => kind !== "entry")).toEqual([]);
  expect(names).toEqual(files.length === 0 ? [] : ["theirs.txt"]);
  const after = await second.identify(signal);
  expect(after.account).toBe(emulator().drive.id);
  expect(after.account).not.toBe(before.account);
  expect(after.root === undefined).toBe(files.length === 0);
  expect(await (await open()).identify(signal)).toEqual(after);
});
