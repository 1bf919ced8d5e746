import { createServer } from "node:http";
import * as z from "zod";
import { closeServer, listenOnLoopback } from "../../support/http-server.js";
import { collect } from "./bytes.js";

/** The port through which another process does what a test would do by calling the emulator's methods. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/** Takes the arguments of a call, unchecked. */
export type Command = (args: unknown) => unknown;
export type Commands = Readonly<Record<string, Command>>;

/**
 * `POST /__control` with `{"call": "remote.write", "args": ["/a.txt", {"base64": "…"}]}` answers `{"result": …}`.
 * Bytes travel as `{"base64"}` both ways; a plain string is UTF-8. `{"call": "commands"}` lists what there is.
 */
export async function serveCommands(commands: Commands): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(commands, request).then(({ status, body }) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    });
  });
  const port = await listenOnLoopback(server);
  return { url: `http://127.0.0.1:${String(port)}/__control`, close: () => closeServer(server) };
}

/** A command that checks its arguments first. */
export function command<Args extends z.ZodType>(args: Args, run: (args: z.output<Args>) => unknown): Command {
  return (raw) => run(args.parse(raw));
}

const Call = z.object({ call: z.string(), args: z.array(z.unknown()).default([]) });

async function answer(
  commands: Commands,
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
