import * as z from "zod";
import { Bytes, type Command, command, type Control, Path, serveCommands, toBase64 } from "../dropbox/control.js";
import type { YandexEmulator } from "./emulator.js";
import type { Fault } from "./faults.js";
import type { RemoteFile } from "./remote.js";

const Properties = z.record(z.string(), z.unknown());
const AnyFault = z.custom<Fault>(
  (value) => z.object({ route: z.string(), kind: z.string() }).safeParse(value).success,
  "a fault has a route and a kind",
);
const TokenOptions = z
  .object({
    uid: z.string().optional(),
    expiresInSeconds: z.number().optional(),
    scopes: z.array(z.string()).optional(),
    uses: z.number().optional(),
  })
  .default({});

/** The port through which another process does what a test would do by calling the emulator's methods. */
export async function openControl(emulator: YandexEmulator): Promise<Control> {
  return await serveCommands({
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

function remoteCommands({ remote }: YandexEmulator): Readonly<Record<string, Command>> {
  return {
    "remote.write": command(z.tuple([Path, Bytes, Properties.optional()]), ([path, bytes, properties]) =>
      remote.write(path, bytes, properties),
    ),
    // Many at once, by path: a request for each file would take longer than the run that is measured.
    "remote.writeMany": command(z.tuple([z.record(Path, Bytes.nullable())]), ([files]) => remote.seed(files)),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1)]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.mkdir": command(z.tuple([Path]), ([path]) => remote.mkdir(path)),
    "remote.delete": command(z.tuple([Path]), ([path]) => remote.delete(path)),
    "remote.move": command(z.tuple([Path, Path]), ([from, to]) => remote.move(from, to)),
    "remote.setProperties": command(z.tuple([Path, Properties.nullable()]), ([path, properties]) =>
      remote.setProperties(path, properties),
    ),
    "remote.stat": command(z.tuple([Path]), ([path]) => remote.stat(path)),
    "remote.read": command(z.tuple([Path]), async ([path]) => toBase64(await remote.read(path))),
    "remote.tree": command(z.tuple([]), async () => {
      const tree = Object.entries(await remote.tree());
      return Object.fromEntries(tree.map(([path, bytes]) => [path, bytes === null ? null : toBase64(bytes)]));
    }),
    "remote.hashes": command(z.tuple([]), () => remote.hashes()),
    "remote.trash": command(z.tuple([]), () => withBytes(remote.trash())),
    // Without the bytes, which are too much to carry where many large files have come together.
    "remote.trashHashes": command(z.tuple([]), () => remote.trash().map(({ sha256 }) => sha256)),
    "remote.goneHashes": command(z.tuple([]), () => remote.gone().map(({ sha256 }) => sha256)),
    "remote.lock": command(z.tuple([Path]), ([path]) => remote.lock(path)),
    "remote.unlock": command(z.tuple([Path]), ([path]) => remote.unlock(path)),
  };
}

function serviceCommands(emulator: YandexEmulator): Readonly<Record<string, Command>> {
  const initial = { ...emulator.settings };
  return {
    settings: command(z.tuple([z.record(z.string(), z.unknown()).default({})]), ([changes]) => {
      for (const name of Object.keys(changes)) {
        if (!(name in emulator.settings)) throw new Error(`there is no setting ${name}`);
      }
      return Object.assign(emulator.settings, changes);
    }),
    // As they were when the emulator was started.
    resetSettings: () => void Object.assign(emulator.settings, initial),
    fault: command(z.tuple([AnyFault]), ([fault]) => emulator.fault(fault)),
    clearFaults: () => emulator.clearFaults(),
    pendingFaults: () => emulator.pendingFaults(),
    advanceClock: command(z.tuple([z.number()]), ([ms]) => emulator.advanceClock(ms)),
    settle: () => emulator.settle(),
    answerDevice: command(z.tuple([z.string(), z.enum(["approve", "deny"])]), (args) => emulator.answerDevice(...args)),
    "tokens.issue": command(z.tuple([TokenOptions]), ([options]) => emulator.tokens.issue(options)),
    "tokens.expireAll": () => emulator.tokens.expireAll(),
    "tokens.revokeAll": () => emulator.tokens.revokeAll(),
    "tokens.validRefreshTokens": () => emulator.tokens.validRefreshTokens,
    "accounts.add": command(z.tuple([z.object({ login: z.string() }).partial().default({})]), ([options]) => ({
      uid: emulator.addAccount(options).uid,
    })),
    "accounts.signInAs": command(z.tuple([z.string()]), ([uid]) => {
      emulator.tokens.signedInUid = uid;
    }),
  };
}

function recordCommands(emulator: YandexEmulator): Readonly<Record<string, Command>> {
  return {
    requests: () => emulator.requests,
    requestCount: command(z.tuple([z.string().optional()]), ([route]) => emulator.requestCount(route)),
    countsByRoute: () => emulator.countsByRoute(),
    countsByHost: () => emulator.countsByHost(),
    resetCounters: () => emulator.resetCounters(),
    misuse: () => emulator.misuse,
    counters: () => ({
      rateLimited: emulator.rateLimited,
      peakRate: emulator.peakRate,
      lockRejections: emulator.lockRejections,
      earlyRequests: emulator.earlyRequests,
      tokenAnswers: emulator.tokenAnswers,
    }),
    unusedLinks: () => emulator.unusedLinks(),
  };
}

async function withBytes(files: readonly RemoteFile[]): Promise<readonly unknown[]> {
  return await Promise.all(files.map(async (file) => ({ ...file, content: toBase64(await file.read()) })));
}
