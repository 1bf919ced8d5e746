import { createServer } from "node:http";
import * as z from "zod";
import { collect } from "./content.js";
import type { DropboxEmulator } from "./emulator.js";
import type { Fault } from "./faults.js";
import { closeServer, listen } from "./origin.js";
import type { RemoteFile } from "./remote.js";

/** The port through which another process does what a test would do by calling the emulator's methods. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `POST /__control` with `{"call": "remote.write", "args": ["/a.txt", {"base64": "…"}]}` answers `{"result": …}`.
 * Bytes travel as `{"base64"}` both ways; a plain string is UTF-8. `{"call": "commands"}` lists what there is.
 */
export async function openControl(emulator: DropboxEmulator): Promise<Control> {
  return await serveCommands(commandsOf(emulator));
}

/** Serves any set of commands in that way. */
export async function serveCommands(commands: Readonly<Record<string, Command>>): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(commands, request).then(({ status, body }) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${String(port)}/__control`, close: () => closeServer(server) };
}

/** Takes the arguments of a call, unchecked. */
export type Command = (args: unknown) => unknown;

const Call = z.object({ call: z.string(), args: z.array(z.unknown()).default([]) });
export const Path = z.string().startsWith("/");
/** The bytes of a file as they travel. */
export const Bytes = z.union([
  z.string(),
  z.object({ base64: z.string() }).transform(({ base64 }) => Buffer.from(base64, "base64")),
]);
const Traits = z
  .object({
    clientModified: z.coerce.date().optional(),
    exportAs: z.string().optional(),
    symlinkTarget: z.string().optional(),
  })
  .default({});
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
    isPublic: z.boolean().optional(),
  })
  .default({});

async function answer(
  commands: Readonly<Record<string, Command>>,
  request: AsyncIterable<Buffer>,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const { call, args } = Call.parse(JSON.parse((await collect(request)).toString()));
    const command = commands[call];
    if (call === "commands") return { status: 200, body: { result: Object.keys(commands) } };
    if (command === undefined) return { status: 404, body: { error: `unknown command ${call}` } };
    return { status: 200, body: { result: (await command(args)) ?? null } };
  } catch (error) {
    return { status: 400, body: { error: String(error) } };
  }
}

/** A command that checks its arguments first. */
export function command<Args extends z.ZodType>(args: Args, run: (args: z.output<Args>) => unknown): Command {
  return (raw) => run(args.parse(raw));
}

function commandsOf(emulator: DropboxEmulator): Readonly<Record<string, Command>> {
  return { ...remoteCommands(emulator), ...serviceCommands(emulator), ...recordCommands(emulator) };
}

function remoteCommands({ remote }: DropboxEmulator): Readonly<Record<string, Command>> {
  const Denial = z.object({ on: z.enum(["read", "write"]), tag: z.string() });
  return {
    "remote.write": command(z.tuple([Path, Bytes, Traits]), ([path, bytes, traits]) =>
      remote.write(path, bytes, traits),
    ),
    // Many at once, by path: a request for each file would take longer than the run that is measured.
    "remote.writeMany": command(z.tuple([z.record(Path, Bytes)]), ([files]) => {
      for (const [path, bytes] of Object.entries(files)) remote.write(path, bytes);
    }),
    "remote.writeGenerated": command(z.tuple([Path, z.number(), z.number().default(1), Traits]), (args) =>
      remote.writeGenerated(...args),
    ),
    "remote.mkdir": command(z.tuple([Path]), ([path]) => {
      remote.mkdir(path);
    }),
    "remote.delete": command(z.tuple([Path]), ([path]) => {
      remote.delete(path);
    }),
    "remote.move": command(z.tuple([Path, Path]), ([from, to]) => {
      remote.move(from, to);
    }),
    "remote.restore": command(z.tuple([Path, z.string()]), ([path, rev]) => remote.restore(path, rev)),
    "remote.stat": command(z.tuple([Path]), ([path]) => remote.stat(path)),
    "remote.read": command(z.tuple([Path]), async ([path]) => toBase64(await remote.read(path))),
    "remote.tree": command(z.tuple([]), async () => {
      const tree = Object.entries(await remote.tree());
      return Object.fromEntries(tree.map(([path, bytes]) => [path, bytes === null ? null : toBase64(bytes)]));
    }),
    "remote.hashes": command(z.tuple([]), () => remote.hashes()),
    "remote.revisions": command(z.tuple([Path]), ([path]) => withBytes(remote.revisions(path))),
    "remote.deleted": command(z.tuple([]), () => withBytes(remote.deleted())),
    // Without the bytes, which are too much to carry where many large revisions have come together.
    "remote.deletedHashes": command(z.tuple([]), () => remote.deleted().map(({ contentHash }) => contentHash)),
    "remote.deny": command(z.tuple([Path, Denial]), ([path, denial]) => {
      remote.deny(path, denial);
    }),
    "remote.allow": command(z.tuple([Path]), ([path]) => {
      remote.allow(path);
    }),
  };
}

function serviceCommands(emulator: DropboxEmulator): Readonly<Record<string, Command>> {
  const initial = { ...emulator.settings };
  const Count = z.tuple([z.int().min(1)]);
  return {
    settings: command(z.tuple([z.record(z.string(), z.unknown()).default({})]), ([changes]) => {
      for (const name of Object.keys(changes)) {
        if (!(name in emulator.settings)) throw new Error(`there is no setting ${name}`);
      }
      return Object.assign(emulator.settings, changes);
    }),
    // As they were when the emulator was started.
    resetSettings: () => void Object.assign(emulator.settings, initial),
    fault: command(z.tuple([AnyFault]), ([fault]) => {
      emulator.fault(fault);
    }),
    clearFaults: () => {
      emulator.clearFaults();
    },
    pendingFaults: () => emulator.pendingFaults(),
    freezeListings: command(Count, ([requests]) => {
      emulator.freezeListings(requests);
    }),
    freezeMetadata: command(Count, ([requests]) => {
      emulator.freezeMetadata(requests);
    }),
    resetCursors: () => {
      emulator.resetCursors();
    },
    advanceClock: command(z.tuple([z.number()]), ([ms]) => {
      emulator.advanceClock(ms);
    }),
    settleJobs: () => emulator.settleJobs(),
    "tokens.issue": command(z.tuple([TokenOptions]), ([options]) => emulator.tokens.issue(options)),
    "tokens.expireAll": () => {
      emulator.tokens.expireAll();
    },
    "tokens.revokeAll": () => {
      emulator.tokens.revokeAll();
    },
    "accounts.add": command(z.tuple([z.object({ displayName: z.string() }).partial().default({})]), ([options]) => ({
      accountId: emulator.addAccount(options).accountId,
    })),
    "accounts.signInAs": command(z.tuple([z.string()]), ([accountId]) => {
      emulator.tokens.signedInAccountId = accountId;
    }),
  };
}

function recordCommands(emulator: DropboxEmulator): Readonly<Record<string, Command>> {
  return {
    requests: () => emulator.requests,
    requestCount: command(z.tuple([z.string().optional()]), ([route]) => emulator.requestCount(route)),
    resetCounters: () => {
      emulator.resetCounters();
    },
    misuse: () => emulator.misuse,
    counters: () => ({
      lockRejections: emulator.lockRejections,
      earlyRequests: emulator.earlyRequests,
      tokenAnswers: emulator.tokenAnswers,
    }),
    openSessions: () => emulator.openSessions(),
  };
}

async function withBytes(files: readonly RemoteFile[]): Promise<readonly unknown[]> {
  return await Promise.all(files.map(async (file) => ({ ...file, content: toBase64(await file.read()) })));
}

export function toBase64(bytes: Buffer): { readonly base64: string } {
  return { base64: bytes.toString("base64") };
}
