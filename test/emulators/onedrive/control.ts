import * as z from "zod";
import { withBytes } from "../shared/base64-bytes.js";
import { commonCommands } from "../shared/common-commands.js";
import { Bytes, folderCommands, Path } from "../shared/folder-commands.js";
import { command, type Commands, type Control, serveCommands } from "../shared/serve-commands.js";
import { tokenCommands } from "../shared/token-commands.js";
import { TokenOptions } from "../shared/token-options.js";
import type { Denial } from "./drive.js";
import type { OneDriveEmulator } from "./emulator.js";

/** The port through which another process does what a test would do by calling the emulator's methods. */
export async function openControl(emulator: OneDriveEmulator): Promise<Control> {
  return await serveCommands({
    ...commonCommands(emulator),
    ...folderCommands(emulator.remote),
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
    listedSha256: z.string().optional(),
  })
  .default({});
const AnyDenial = z.custom<Denial>(
  (value) => z.object({ on: z.string(), status: z.number(), code: z.string() }).safeParse(value).success,
  "a denial has on, status and code",
);
const IssueOptions = TokenOptions.extend({ userId: z.string().optional() }).default({});

function remoteCommands({ remote }: OneDriveEmulator): Commands {
  const onePath = z.tuple([Path]);
  return {
    "remote.write": command(z.tuple([Path, Bytes, Options]), (args) => remote.write(...args)),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1), Options]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.touch": command(z.tuple([Path, z.coerce.date()]), ([path, modified]) => remote.touch(path, modified)),
    "remote.restore": command(onePath, ([path]) => remote.restore(path)),
    "remote.rewriteOffice": command(onePath, ([path]) => remote.rewriteOffice(path)),
    "remote.addNotebook": command(onePath, ([path]) => remote.addNotebook(path)),
    "remote.idOf": command(onePath, ([path]) => remote.idOf(path)),
    "remote.versionCount": command(onePath, ([path]) => remote.versionCount(path)),
    "remote.deleted": command(z.tuple([]), () => withBytes(remote.deleted())),
    // Without the bytes, which are too much to carry where many large versions have come together.
    "remote.deletedHashes": command(z.tuple([]), () => remote.deleted().map(({ quickXorHash }) => quickXorHash)),
    "remote.deny": command(z.tuple([Path, AnyDenial]), ([path, denial]) => remote.deny(path, denial)),
    "remote.allow": command(onePath, ([path]) => remote.allow(path)),
  };
}

function serviceCommands(emulator: OneDriveEmulator): Commands {
  const Resync = z.enum([
    "resyncApplyDifferences",
    "resyncUploadDifferences",
    "resyncChangesApplyDifferences",
    "resyncChangesUploadDifferences",
    "syncStateNotFound",
    "none",
  ]);
  return {
    freezeDelta: command(z.tuple([z.int().min(1)]), ([requests]) => emulator.freezeDelta(requests)),
    resetDelta: command(z.tuple([Resync.optional()]), ([code]) => emulator.resetDelta(code)),
    approveDevice: command(z.tuple([z.string().optional()]), ([code]) => emulator.approveDevice(code)),
    declineDevice: command(z.tuple([z.string().optional()]), ([code]) => emulator.declineDevice(code)),
    addCertificate: command(z.tuple([z.string()]), ([pem]) => emulator.addCertificate(pem)),
    ...tokenCommands(emulator.tokens, IssueOptions),
    "accounts.add": command(z.tuple([z.object({ displayName: z.string() }).partial().default({})]), ([options]) => {
      const { userId, userPrincipalName, drive } = emulator.addAccount({ ...options, kind: emulator.person.kind });
      return { userId, userPrincipalName, driveId: drive?.id };
    }),
    "accounts.signInAs": command(z.tuple([z.string()]), ([userId]) => {
      emulator.tokens.signedInUserId = userId;
    }),
  };
}

function recordCommands(emulator: OneDriveEmulator): Commands {
  return {
    counters: () => ({ earlyRequests: emulator.earlyRequests, tokenAnswers: emulator.tokenAnswers }),
    openSessions: () => emulator.openSessions(),
  };
}
