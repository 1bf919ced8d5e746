import * as z from "zod";
import { withBytes } from "../shared/base64-bytes.js";
import { commonCommands } from "../shared/common-commands.js";
import { Bytes, folderCommands, Path } from "../shared/folder-commands.js";
import { command, type Commands, type Control, serveCommands } from "../shared/serve-commands.js";
import { tokenCommands } from "../shared/token-commands.js";
import { TokenOptions } from "../shared/token-options.js";
import type { YandexEmulator } from "./emulator.js";

const Properties = z.record(z.string(), z.unknown());
const IssueOptions = TokenOptions.extend({ uid: z.string().optional() }).default({});

/** The port through which another process does what a test would do by calling the emulator's methods. */
export async function openControl(emulator: YandexEmulator): Promise<Control> {
  return await serveCommands({
    ...commonCommands(emulator),
    ...folderCommands(emulator.remote),
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

function remoteCommands({ remote }: YandexEmulator): Commands {
  return {
    "remote.write": command(z.tuple([Path, Bytes, Properties.optional()]), ([path, bytes, properties]) =>
      remote.write(path, bytes, properties),
    ),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1)]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.setProperties": command(z.tuple([Path, Properties.nullable()]), ([path, properties]) =>
      remote.setProperties(path, properties),
    ),
    "remote.trash": command(z.tuple([]), () => withBytes(remote.trash())),
    // Without the bytes, which are too much to carry where many large files have come together.
    "remote.trashHashes": command(z.tuple([]), () => remote.trash().map(({ sha256 }) => sha256)),
    "remote.goneHashes": command(z.tuple([]), () => remote.gone().map(({ sha256 }) => sha256)),
    "remote.lock": command(z.tuple([Path]), ([path]) => remote.lock(path)),
    "remote.unlock": command(z.tuple([Path]), ([path]) => remote.unlock(path)),
  };
}

function serviceCommands(emulator: YandexEmulator): Commands {
  return {
    settle: () => emulator.settle(),
    answerDevice: command(z.tuple([z.string(), z.enum(["approve", "deny"])]), (args) => emulator.answerDevice(...args)),
    ...tokenCommands(emulator.tokens, IssueOptions),
    "tokens.validRefreshTokens": () => emulator.tokens.validRefreshTokens,
    "accounts.add": command(z.tuple([z.object({ login: z.string() }).partial().default({})]), ([options]) => ({
      uid: emulator.addAccount(options).uid,
    })),
    "accounts.signInAs": command(z.tuple([z.string()]), ([uid]) => {
      emulator.tokens.signedInUid = uid;
    }),
  };
}

function recordCommands(emulator: YandexEmulator): Commands {
  return {
    countsByRoute: () => emulator.countsByRoute(),
    countsByHost: () => emulator.countsByHost(),
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
