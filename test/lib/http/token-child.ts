// Run as a process of its own by token-source.test.ts: prints the access token that it ends up with.
import process from "node:process";
import { createSecretStore } from "../../../lib/config/secrets.js";
import { createHttpClient } from "../../../lib/http/client.js";
import { refreshTokens } from "../../../lib/http/oauth.js";
import { createTokenSource } from "../../../lib/http/token-source.js";

const [dir = "", url = ""] = process.argv.slice(2);
const http = createHttpClient({ scheme: "Bearer", userAgent: "trisync-test" });
const server = {
  provider: "dropbox",
  authorizeUrl: url,
  tokenUrl: url,
  clientId: "the-id",
  clientSecret: undefined,
  secretIn: "body",
  rotates: true,
} as const;
const tokens = createTokenSource({
  provider: "dropbox",
  secrets: createSecretStore({ dir, provider: "dropbox" }),
  clientId: "the-id",
  refreshToken: "r0",
  rotates: true,
  refresh: (refreshToken, signal) => refreshTokens(server, refreshToken, { http, now: Date.now }, signal),
  now: Date.now,
});
process.stdout.write(await tokens.token(new AbortController().signal));
http.close();
