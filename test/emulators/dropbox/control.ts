import * as z from "zod";
import { withBytes } from "../shared/base64-bytes.js";
import { commonCommands } from "../shared/common-commands.js";
import { Bytes, folderCommands, Path } from "../shared/folder-commands.js";
import { command, type Commands, type Control, serveCommands } from "../shared/serve-commands.js";
import { tokenCommands } from "../shared/token-commands.js";
import { TokenOptions } from "../shared/token-options.js";
import type { DropboxEmulator } from "./emulator.js";

/** The port through which another process does what a test would do by calling the emulator's methods. */
export async function openControl(emulator: DropboxEmulator): Promise<Control> {
  return await serveCommands({
    ...commonCommands(emulator),
    ...folderCommands(emulator.remote),
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

const Traits = z
  .object({
    clientModified: z.coerce.date().optional(),
    exportAs: z.string().optional(),
    symlinkTarget: z.string().optional(),
  })
  .default({});
const IssueOptions = TokenOptions.extend({
  accountId: z.string().optional(),
  isPublic: z.boolean().optional(),
}).default({});

function remoteCommands({ remote }: DropboxEmulator): Commands {
  const Denial = z.object({ on: z.enum(["read", "write"]), tag: z.string() });
  return {
    "remote.write": command(z.tuple([Path, Bytes, Traits]), ([path, bytes, traits]) =>
      remote.write(path, bytes, traits),
    ),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1), Traits]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.restore": command(z.tuple([Path, z.string()]), ([path, rev]) => remote.restore(path, rev)),
    "remote.revisions": command(z.tuple([Path]), ([path]) => withBytes(remote.revisions(path))),
    "remote.deleted": command(z.tuple([]), () => withBytes(remote.deleted())),
    // Without the bytes, which are too much to carry where many large revisions have come together.
    "remote.deletedHashes": command(z.tuple([]), () => remote.deleted().map(({ contentHash }) => contentHash)),
    "remote.deny": command(z.tuple([Path, Denial]), ([path, denial]) => remote.deny(path, denial)),
    "remote.allow": command(z.tuple([Path]), ([path]) => remote.allow(path)),
  };
}

function serviceCommands(emulator: DropboxEmulator): Commands {
  const Count = z.tuple([z.int().min(1)]);
  return {
    freezeListings: command(Count, ([requests]) => emulator.freezeListings(requests)),
    freezeMetadata: command(Count, ([requests]) => emulator.freezeMetadata(requests)),
    resetCursors: () => emulator.resetCursors(),
    settleJobs: () => emulator.settleJobs(),
    ...tokenCommands(emulator.tokens, IssueOptions),
    "accounts.add": command(z.tuple([z.object({ displayName: z.string() }).partial().default({})]), ([options]) => ({
      accountId: emulator.addAccount(options).accountId,
    })),
    "accounts.signInAs": command(z.tuple([z.string()]), ([accountId]) => {
      emulator.tokens.signedInAccountId = accountId;
    }),
  };
}

function recordCommands(emulator: DropboxEmulator): Commands {
  return {
    counters: () => ({
      lockRejections: emulator.lockRejections,
      earlyRequests: emulator.earlyRequests,
      tokenAnswers: emulator.tokenAnswers,
    }),
    openSessions: () => emulator.openSessions(),
  };
}
