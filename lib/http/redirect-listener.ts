import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ProviderError, UsageError } from "../model/errors.js";
import { reasonOf } from "./sleep.js";

export interface RedirectListenerOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** What the registered address says; either way only this machine is listened to. */
  readonly host: "127.0.0.1" | "localhost";
  /** Where the registered address has one; else "/". */
  readonly path?: string;
  /** As in `trisync login PROVIDER`. */
  readonly provider: string;
  readonly timeoutMs: number;
}

/** Waits for the browser to come back from the service. */
export interface RedirectListener {
  readonly redirectUri: string;
  /**
   * Resolves to the query of the first visit that `isOurs` accepts (the right state), and has the browser show a page. Other
   * visits are turned away. Rejects with "unauthorized" when the user declined or nobody came in time. Closes in every case.
   */
  wait(isOurs: (query: URLSearchParams) => boolean, signal: AbortSignal): Promise<URLSearchParams>;
  close(): void;
}

/** Rejects with `UsageError` when the port is taken, or may not be listened on. */
export async function listenForRedirect(options: RedirectListenerOptions): Promise<RedirectListener> {
  const server = createServer();
  const port = await listen(server, options);
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return {
    redirectUri: `http://${options.host}:${port}${options.path ?? "/"}`,
    wait: (isOurs, signal) => waitForVisit(server, options, isOurs, signal).finally(close),
    close,
  };
}

function listen(server: Server, { port, provider }: RedirectListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE" ? "another program has it; end that one" : `${error.message}; mend that`;
      const advice = `${reason}, and run \`trisync login ${provider}\` again`;
      reject(new UsageError(`cannot listen on port ${port} of this machine for the sign-in: ${advice}`));
    });
    server.listen(port, "127.0.0.1", () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

function waitForVisit(
  server: Server,
  options: RedirectListenerOptions,
  isOurs: (query: URLSearchParams) => boolean,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      act();
    };
    const onAbort = (): void => end(() => reject(reasonOf(signal)));
    const timer = setTimeout(() => end(() => reject(refused(options, "nobody signed in in time"))), options.timeoutMs);
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const query = queryOf(request, options.path ?? "/");
      if (query === undefined || !isOurs(query)) {
        turnAway(response);
        return;
      }
      const isDeclined = query.has("error");
      // The page goes out whole before the listener closes every connection.
      show(response, 200, isDeclined ? DECLINED : DONE, () => {
        end(() => (isDeclined ? reject(refused(options, "the sign-in was declined")) : resolve(query)));
      });
    });
  });
}

function queryOf(request: IncomingMessage, path: string): URLSearchParams | undefined {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  return request.method === "GET" && url.pathname === path ? url.searchParams : undefined;
}

/** Also for the icon that browsers ask for, and for any page that guesses the port. */
function turnAway(response: ServerResponse): void {
  show(response, 404, "This is not the page that the sign-in leads to.", () => undefined);
}

const DONE = "Signed in. You can close this page and go back to the terminal.";
const DECLINED = "Not signed in. You can close this page and go back to the terminal.";

function show(response: ServerResponse, status: number, text: string, onSent: () => void): void {
  response.once("close", onSent);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    // The address of this page holds the code: it goes no further.
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'",
    connection: "close",
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>trisync</title><p>${text}</p>\n`);
}

function refused(options: RedirectListenerOptions, what: string): ProviderError {
  return new ProviderError("unauthorized", `sign-in: ${what}; run \`trisync login ${options.provider}\` again`);
}
