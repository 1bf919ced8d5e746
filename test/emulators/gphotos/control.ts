import * as z from "zod";
import { Base64Bytes, toBase64 } from "../shared/base64-bytes.js";
import { commonCommands } from "../shared/common-commands.js";
import { command, type Commands, type Control, serveCommands } from "../shared/serve-commands.js";
import { tokenCommands } from "../shared/token-commands.js";
import { TokenOptions } from "../shared/token-options.js";
import type { GooglePhotosEmulator } from "./emulator.js";

/**
 * `POST /__control` with `{"call": "remote.addAlbum", "args": ["Holidays"]}` answers `{"result": …}`.
 * Bytes travel as `{"base64"}` both ways; `{"call": "commands"}` lists what there is.
 */
export async function openControl(emulator: GooglePhotosEmulator): Promise<Control> {
  return await serveCommands({
    ...commonCommands(emulator),
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

const Id = z.string();
const AnyOrigin = z.enum(["app", "user"]).optional();
const IssueOptions = TokenOptions.extend({ accountId: z.string().optional() }).default({});
const NewItem = z.object({
  filename: z.string(),
  content: Base64Bytes,
  origin: AnyOrigin,
  albumIds: z.array(Id).optional(),
  description: z.string().optional(),
  createdAt: z.coerce.date().optional(),
});

function remoteCommands({ remote }: GooglePhotosEmulator): Commands {
  const ForGood = z.object({ forGood: z.boolean().optional() }).default({});
  const Marks = z
    .object({ isArchived: z.boolean(), isFavorite: z.boolean(), isBroken: z.boolean(), isFailed: z.boolean() })
    .partial();
  return {
    "remote.addItem": command(z.tuple([NewItem]), ([item]) => remote.addItem(item)),
    "remote.addAlbum": command(z.tuple([z.string(), z.object({ origin: AnyOrigin }).default({})]), ([title, options]) =>
      remote.addAlbum(title, options),
    ),
    "remote.items": command(z.tuple([z.object({ includeTrashed: z.boolean().optional() }).default({})]), ([options]) =>
      remote.items(options),
    ),
    "remote.albums": () => remote.albums(),
    "remote.tree": () => remote.tree(),
    "remote.read": command(z.tuple([Id]), async ([id]) => toBase64(await remote.read(id))),
    "remote.removeItem": command(z.tuple([Id, ForGood]), ([id, options]) => remote.removeItem(id, options)),
    "remote.restoreItem": command(z.tuple([Id]), ([id]) => remote.restoreItem(id)),
    "remote.removeAlbum": command(z.tuple([Id]), ([id]) => remote.removeAlbum(id)),
    "remote.renameAlbum": command(z.tuple([Id, z.string()]), ([id, title]) => remote.renameAlbum(id, title)),
    "remote.removeFromAlbum": command(z.tuple([Id, Id]), ([albumId, itemId]) =>
      remote.removeFromAlbum(albumId, itemId),
    ),
    "remote.mark": command(z.tuple([Id, Marks]), ([id, { isArchived, isFavorite, isBroken, isFailed }]) => {
      const marks = Object.entries({ isArchived, isFavorite, isBroken, isFailed });
      remote.mark(id, Object.fromEntries(marks.filter(([, value]) => value !== undefined)));
    }),
  };
}

function serviceCommands(emulator: GooglePhotosEmulator): Commands {
  const Spent = z.object({ requests: z.number().default(0), mediaRequests: z.number().default(0) });
  return {
    freezeListings: command(z.tuple([z.int().min(1)]), ([requests]) => emulator.freezeListings(requests)),
    clientFile: command(z.tuple([z.enum(["installed", "web"]).optional()]), ([kind]) => emulator.clientFile(kind)),
    "quota.spend": command(z.tuple([Spent]), ([spent]) => emulator.quota.spend(spent)),
    "uploads.lapseAll": () => emulator.uploads.lapseAll(),
    ...tokenCommands(emulator.tokens, IssueOptions),
    "tokens.refuseRefresh": command(z.tuple([z.boolean()]), ([refuses]) => {
      emulator.tokens.refusesRefresh = refuses;
    }),
  };
}

function recordCommands(emulator: GooglePhotosEmulator): Commands {
  return {
    counters: () => ({
      lockRejections: emulator.lockRejections,
      earlyRequests: emulator.earlyRequests,
      requestsPastDay: emulator.requestsPastDay,
      tokenAnswers: emulator.tokenAnswers,
      unusedUploadTokens: emulator.uploads.unusedTokens,
      activeSessions: emulator.uploads.activeSessions.length,
      requestsToday: emulator.quota.requestsToday,
      mediaRequestsToday: emulator.quota.mediaRequestsToday,
    }),
  };
}
