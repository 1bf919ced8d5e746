import type { OAuthServer, OAuthTools } from "../lib/http/oauth.js";
import { createTokenSource, type TokenSet } from "../lib/http/token-source.js";
import type { HttpClient, TokenSource } from "../lib/http/types.js";
import type { HttpOptions, ProviderContext } from "./context.js";

export interface SignedIn {
  /** The client for all requests of a run, those for tokens included. */
  readonly http: HttpClient;
  readonly tokens: TokenSource;
}

/** A client that asks the tokens, which are fetched with that very client. */
export function createSignedIn(
  context: Pick<ProviderContext, "createHttp" | "now">,
  options: Omit<HttpOptions, "tokens" | "sign">,
  createTokens: (tools: OAuthTools) => TokenSource,
): SignedIn {
  const tokens: TokenSource = {
    token: (signal) => source.token(signal),
    renew: (rejected, signal) => source.renew(rejected, signal),
  };
  const http = context.createHttp({ ...options, tokens });
  const source = createTokens({ http, now: context.now });
  return { http, tokens };
}

export interface Renewal {
  readonly server: OAuthServer;
  readonly tools: OAuthTools;
  /** From the environment; undefined to use what `login` stored. */
  readonly refreshToken: string | undefined;
  /** Has the last word on what the service grants. */
  readonly adapt?: (tokens: TokenSet) => TokenSet;
}

/** The tokens of one person, renewed where they came from. The OAuth library is only loaded when one has to be renewed. */
export function createRenewedTokens(context: Pick<ProviderContext, "secrets" | "now">, renewal: Renewal): TokenSource {
  const { server, tools, refreshToken, adapt } = renewal;
  const { provider, clientId, rotates } = server;
  return createTokenSource({
    provider,
    secrets: context.secrets,
    clientId,
    refreshToken,
    rotates,
    refresh: async (token, signal) => {
      const { refreshTokens } = await import("../lib/http/oauth.js");
      const tokens = await refreshTokens(server, token, tools, signal);
      return adapt === undefined ? tokens : adapt(tokens);
    },
    now: context.now,
  });
}
