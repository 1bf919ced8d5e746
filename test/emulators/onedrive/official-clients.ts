import {
  AuthenticationHandler,
  Client,
  type Context,
  GraphError,
  type Middleware,
  RedirectHandler,
  RetryHandler,
} from "@microsoft/microsoft-graph-client";
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import * as z from "zod";
import type { OneDriveEmulator } from "./emulator.js";

/** Microsoft's client with its own middleware; only the last link, which sends, leads to the emulator's ports. */
export function graphClientFor(emulator: OneDriveEmulator, accessToken = emulator.tokens.issue().accessToken): Client {
  const authentication = new AuthenticationHandler({ getAccessToken: () => Promise.resolve(accessToken) });
  const retry = new RetryHandler();
  const redirect = new RedirectHandler();
  authentication.setNext(retry);
  retry.setNext(redirect);
  redirect.setNext(new SendToEmulator(emulator));
  return Client.initWithMiddleware({ middleware: authentication, defaultVersion: "v1.0" });
}

/** The error as the client read it. */
export async function graphError(call: Promise<unknown>): Promise<{ readonly status: number; readonly code: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GraphError) return { status: error.statusCode, code: error.code ?? "" };
    throw error;
  }
  throw new Error("the call should have failed");
}

class SendToEmulator implements Middleware {
  constructor(private readonly emulator: OneDriveEmulator) {}

  async execute(context: Context): Promise<void> {
    const request: unknown = context.request;
    const url = typeof request === "string" ? request : z.object({ url: z.string() }).parse(request).url;
    const headers = new Headers(context.options?.headers);
    headers.set("x-forwarded-host", new URL(url).host);
    context.response = await fetch(redirectedUrl(this.emulator, url), { ...context.options, headers });
  }
}

/** The address in the emulator of a URL of the true service. */
function redirectedUrl(emulator: OneDriveEmulator, url: string): string {
  const { origin, host } = new URL(url);
  const origins: Readonly<Record<string, string>> = {
    "https://graph.microsoft.com": emulator.graphUrl,
    "https://login.microsoftonline.com": emulator.loginUrl,
  };
  const isFiles = /\.(?:sharepoint|1drv|onedrive)\.com$/.test(host);
  const there = isFiles ? emulator.filesUrl : origins[origin];
  if (there === undefined && !origin.startsWith("http://127.0.0.1:")) throw new Error(`${origin} is not emulated`);
  return url.replace(origin, there ?? origin);
}

/** For MSAL, whose authority has to be https: its network module leads to the emulator's ports. */
export function msalNetwork(emulator: OneDriveEmulator): INetworkModule {
  const send = async <T>(
    method: string,
    url: string,
    options: NetworkRequestOptions = {},
  ): Promise<NetworkResponse<T>> => {
    const response = await fetch(redirectedUrl(emulator, url), {
      method,
      headers: { ...options.headers, "x-forwarded-host": new URL(url).host },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const body = z.custom<T>().parse(await response.json());
    return { headers: Object.fromEntries(response.headers), body, status: response.status };
  };
  return {
    sendGetRequestAsync: (url, options) => send("GET", url, options),
    sendPostRequestAsync: (url, options) => send("POST", url, options),
  };
}
