import * as z from "zod";
import { type Command, command, type Control, serveCommands, toBase64 } from "../dropbox/control.js";
import type { GooglePhotosEmulator } from "./emulator.js";
import type { Fault } from "./faults.js";

/**
 * `POST /__control` with `{"call": "remote.addAlbum", "args": ["Holidays"]}` answers `{"result": …}`.
 * Bytes travel as `{"base64"}` both ways; `{"call": "commands"}` lists what there is.
 */
export async function openControl(emulator: GooglePhotosEmulator): Promise<Control> {
  return await serveCommands({
    ...remoteCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

const Bytes = z.object({ base64: z.string() }).transform(({ base64 }) => Buffer.from(base64, "base64"));
const Id = z.string();
const AnyOrigin = z.enum(["app", "user"]).optional();
const AnyFault = z.custom<Fault>(
  (value) => z.object({ route: z.string(), kind: z.string() }).safeParse(value).success,
  "a fault has a route and a kind",
);
const TokenOptions = z
  .object({
    accountId: z.string().optional(),
    expiresInSeconds: z.number().optional(),
    scopes: z.array(z.string()).optional(),
    uses: z.number().optional(),
  })
  .default({});
const NewItem = z.object({
  filename: z.string(),
  content: Bytes,
  origin: AnyOrigin,
  albumIds: z.array(Id).optional(),
  description: z.string().optional(),
  createdAt: z.coerce.date().optional(),
});

function remoteCommands({ remote }: GooglePhotosEmulator): Readonly<Record<string, Command>> {
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
    "remote.removeItem": command(z.tuple([Id, ForGood]), ([id, options]) => {
      remote.removeItem(id, options);
    }),
    "remote.restoreItem": command(z.tuple([Id]), ([id]) => {
      remote.restoreItem(id);
    }),
    "remote.removeAlbum": command(z.tuple([Id]), ([id]) => {
      remote.removeAlbum(id);
    }),
    "remote.renameAlbum": command(z.tuple([Id, z.string()]), ([id, title]) => {
      remote.renameAlbum(id, title);
    }),
    "remote.removeFromAlbum": command(z.tuple([Id, Id]), ([albumId, itemId]) => {
      remote.removeFromAlbum(albumId, itemId);
    }),
    "remote.mark": command(z.tuple([Id, Marks]), ([id, { isArchived, isFavorite, isBroken, isFailed }]) => {
      const marks = Object.entries({ isArchived, isFavorite, isBroken, isFailed });
      remote.mark(id, Object.fromEntries(marks.filter(([, value]) => value !== undefined)));
    }),
  };
}

function serviceCommands(emulator: GooglePhotosEmulator): Readonly<Record<string, Command>> {
  const Spent = z.object({ requests: z.number().default(0), mediaRequests: z.number().default(0) });
  return {
    settings: command(z.tuple([z.record(z.string(), z.unknown()).default({})]), ([changes]) => {
      for (const name of Object.keys(changes)) {
        if (!(name in emulator.settings)) throw new Error(`there is no setting ${name}`);
      }
      return Object.assign(emulator.settings, changes);
    }),
    fault: command(z.tuple([AnyFault]), ([fault]) => {
      emulator.fault(fault);
    }),
    clearFaults: () => {
      emulator.clearFaults();
    },
    pendingFaults: () => emulator.pendingFaults(),
    freezeListings: command(z.tuple([z.int().min(1)]), ([requests]) => {
      emulator.freezeListings(requests);
    }),
    advanceClock: command(z.tuple([z.number()]), ([ms]) => {
      emulator.advanceClock(ms);
    }),
    clientFile: command(z.tuple([z.enum(["installed", "web"]).optional()]), ([kind]) => emulator.clientFile(kind)),
    "quota.spend": command(z.tuple([Spent]), ([spent]) => {
      emulator.quota.spend(spent);
    }),
    "uploads.lapseAll": () => {
      emulator.uploads.lapseAll();
    },
    "tokens.issue": command(z.tuple([TokenOptions]), ([options]) => emulator.tokens.issue(options)),
    "tokens.expireAll": () => {
      emulator.tokens.expireAll();
    },
    "tokens.revokeAll": () => {
      emulator.tokens.revokeAll();
    },
    "tokens.refuseRefresh": command(z.tuple([z.boolean()]), ([refuses]) => {
      emulator.tokens.refusesRefresh = refuses;
    }),
  };
}

function recordCommands(emulator: GooglePhotosEmulator): Readonly<Record<string, Command>> {
  return {
    requests: () => emulator.requests,
    requestCount: command(z.tuple([z.string().optional()]), ([route]) => emulator.requestCount(route)),
    requestCounts: () => emulator.requestCounts(),
    resetCounters: () => {
      emulator.resetCounters();
    },
    misuse: () => emulator.misuse,
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
