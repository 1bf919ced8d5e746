import type { OAuth1Server, OAuth1Token } from "../../lib/http/oauth1-login.js";
import { createOAuth1Signer } from "../../lib/http/oauth1.js";
import type { HttpClient } from "../../lib/http/types.js";
import type { ProviderContext } from "../context.js";
import type { Addresses, App } from "./config.js";

export const PROVIDER = "flickr";

export function serverFor({ auth }: Addresses): OAuth1Server {
  return {
    provider: PROVIDER,
    requestTokenUrl: `${auth}/services/oauth/request_token`,
    authorizeUrl: `${auth}/services/oauth/authorize`,
    accessTokenUrl: `${auth}/services/oauth/access_token`,
  };
}

/** A client whose requests are signed. `admit` holds them back while the service allows no more. */
export function createSignedHttp(
  context: Pick<ProviderContext, "createHttp" | "now">,
  app: App,
  token: OAuth1Token | undefined,
  admit?: (signal: AbortSignal) => Promise<void>,
): HttpClient {
  const keys = { consumerKey: app.key, consumerSecret: app.secret, token };
  const sign = createOAuth1Signer(keys, { now: context.now, ...(admit === undefined ? {} : { admit }) });
  return context.createHttp({ sign });
}
