import type { Account } from "./accounts.js";
import { BadInput, CommonError, type WireError } from "./failures.js";
import type { World } from "./world.js";

export interface Caller {
  readonly account: Account;
  readonly accessToken: string;
}

/** Finds out who calls, from the Authorization header, and whether the token may use a route of this scope. */
export function authorizeRequest(world: World, header: string | undefined, scope: string | undefined): Caller {
  const token = bearerToken(header);
  const known = world.tokens.access(token);
  const account = known === undefined ? undefined : world.accounts.get(known.accountId);
  if (known === undefined || account === undefined || known.grant.isRevoked) throw unauthorized("invalid_access_token");
  if (known.expiresMs <= world.clock.nowMs() || known.usesLeft <= 0) throw unauthorized("expired_access_token");
  known.usesLeft -= 1;
  if (scope !== undefined) assertScope(world, known.scopes, scope);
  return { account, accessToken: token };
}

export function unauthorized(tag: string, fields: Readonly<Record<string, unknown>> = {}): CommonError {
  const error: WireError = { ".tag": tag, ...fields };
  return new CommonError(401, tag, error);
}

function bearerToken(header: string | undefined): string {
  if (header === undefined) {
    throw new BadInput('Must provide HTTP header "Authorization" or URL parameter "authorization".');
  }
  const token = /^Bearer (\S+)$/.exec(header)?.[1];
  if (token === undefined) {
    throw new BadInput(
      'Invalid authorization value in HTTP header "Authorization".  Expecting "Bearer <oauth2-access-token>".',
    );
  }
  if (!/^[A-Za-z0-9._-]{20,}$/.test(token)) throw new BadInput("The given OAuth 2 access token is malformed.");
  return token;
}

function assertScope(world: World, granted: readonly string[], scope: string): void {
  if (!world.settings.appScopes.includes(scope)) {
    throw new BadInput(
      `Your app is not permitted to access this endpoint because it does not have the required scope '${scope}'. ` +
        "The owner of the app can enable the scope for the app using the Permissions tab on the App Console.",
    );
  }
  if (!granted.includes(scope)) throw unauthorized("missing_scope", { required_scope: scope });
}
