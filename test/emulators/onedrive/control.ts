import * as z from "zod";
import { Bytes, type Command, command, type Control, Path, serveCommands, toBase64 } from "../dropbox/control.js";
import type { Denial } from "./drive.js";
import type { OneDriveEmulator } from "./emulator.js";
import type { Fault } from "./faults.js";

/** As the control port of the Dropbox emulator; `{"call": "commands"}` lists what there is. */
export async function openControl(emulator: OneDriveEmulator): Promise<Control> {
  return await serveCommands({
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

const Options = z
  .object({
    modified: z.coerce.date().optional(),
    isMalware: z.boolean().optional(),
    hasNoHash: z.boolean().optional(),
  })
  .default({});
const AnyFault = z.custom<Fault>(
  (value) => z.object({ route: z.string(), kind: z.string() }).safeParse(value).success,
  "a fault has a route and a kind",
);
const AnyDenial = z.custom<Denial>(
  (value) => z.object({ on: z.string(), status: z.number(), code: z.string() }).safeParse(value).success,
  "a denial has on, status and code",
);
const TokenOptions = z
  .object({
    userId: z.string().optional(),
    expiresInSeconds: z.number().optional(),
    scopes: z.array(z.string()).optional(),
    uses: z.number().optional(),
  })
  .default({});

function remoteCommands({ remote }: OneDriveEmulator): Readonly<Record<string, Command>> {
  const onePath = z.tuple([Path]);
  return {
    "remote.write": command(z.tuple([Path, Bytes, Options]), (args) => remote.write(...args)),
    // Many at once, by path: a request for each file would take longer than the run that is measured.
    "remote.writeMany": command(z.tuple([z.record(Path, Bytes)]), ([files]) => {
      for (const [path, bytes] of Object.entries(files)) remote.write(path, bytes);
    }),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1), Options]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.mkdir": command(onePath, ([path]) => remote.mkdir(path)),
    "remote.delete": command(onePath, ([path]) => remote.delete(path)),
    "remote.move": command(z.tuple([Path, Path]), ([from, to]) => remote.move(from, to)),
    "remote.touch": command(z.tuple([Path, z.coerce.date()]), ([path, modified]) => remote.touch(path, modified)),
    "remote.restore": command(onePath, ([path]) => remote.restore(path)),
    "remote.rewriteOffice": command(onePath, ([path]) => remote.rewriteOffice(path)),
    "remote.addNotebook": command(onePath, ([path]) => remote.addNotebook(path)),
    "remote.stat": command(onePath, ([path]) => remote.stat(path)),
    "remote.idOf": command(onePath, ([path]) => remote.idOf(path)),
    "remote.versionCount": command(onePath, ([path]) => remote.versionCount(path)),
    "remote.read": command(onePath, async ([path]) => toBase64(await remote.read(path))),
    "remote.tree": command(z.tuple([]), async () => {
      const tree = Object.entries(await remote.tree());
      return Object.fromEntries(tree.map(([path, bytes]) => [path, bytes === null ? null : toBase64(bytes)]));
    }),
    "remote.hashes": command(z.tuple([]), () => remote.hashes()),
    "remote.deleted": command(z.tuple([]), () =>
      Promise.all(remote.deleted().map(async (old) => ({ ...old, content: toBase64(await old.read()) }))),
    ),
    // Without the bytes, which are too much to carry where many large versions have come together.
    "remote.deletedHashes": command(z.tuple([]), () => remote.deleted().map(({ quickXorHash }) => quickXorHash)),
    "remote.deny": command(z.tuple([Path, AnyDenial]), ([path, denial]) => remote.deny(path, denial)),
    "remote.allow": command(onePath, ([path]) => remote.allow(path)),
  };
}

function serviceCommands(emulator: OneDriveEmulator): Readonly<Record<string, Command>> {
  const initial = { ...emulator.settings };
  const Resync = z.enum([
    "resyncApplyDifferences",
    "resyncUploadDifferences",
    "resyncChangesApplyDifferences",
    "resyncChangesUploadDifferences",
    "syncStateNotFound",
    "none",
  ]);
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
    freezeDelta: command(z.tuple([z.int().min(1)]), ([requests]) => emulator.freezeDelta(requests)),
    resetDelta: command(z.tuple([Resync.optional()]), ([code]) => emulator.resetDelta(code)),
    advanceClock: command(z.tuple([z.number()]), ([ms]) => emulator.advanceClock(ms)),
    approveDevice: command(z.tuple([z.string().optional()]), ([code]) => emulator.approveDevice(code)),
    declineDevice: command(z.tuple([z.string().optional()]), ([code]) => emulator.declineDevice(code)),
    addCertificate: command(z.tuple([z.string()]), ([pem]) => emulator.addCertificate(pem)),
    "tokens.issue": command(z.tuple([TokenOptions]), ([options]) => emulator.tokens.issue(options)),
    "tokens.expireAll": () => emulator.tokens.expireAll(),
    "tokens.revokeAll": () => emulator.tokens.revokeAll(),
    "accounts.add": command(z.tuple([z.object({ displayName: z.string() }).partial().default({})]), ([options]) => {
      const { userId, userPrincipalName, drive } = emulator.addAccount({ ...options, kind: emulator.person.kind });
      return { userId, userPrincipalName, driveId: drive?.id };
    }),
    "accounts.signInAs": command(z.tuple([z.string()]), ([userId]) => {
      emulator.tokens.signedInUserId = userId;
    }),
  };
}

function recordCommands(emulator: OneDriveEmulator): Readonly<Record<string, Command>> {
  return {
    requests: () => emulator.requests,
    requestCount: command(z.tuple([z.string().optional()]), ([route]) => emulator.requestCount(route)),
    requestCounts: () => emulator.requestCounts(),
    resetCounters: () => emulator.resetCounters(),
    misuse: () => emulator.misuse,
    counters: () => ({ earlyRequests: emulator.earlyRequests, tokenAnswers: emulator.tokenAnswers }),
    openSessions: () => emulator.openSessions(),
  };
}
