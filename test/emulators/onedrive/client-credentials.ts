import { createHash, createPublicKey, verify, constants, X509Certificate } from "node:crypto";
import * as z from "zod";
import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_LIFETIME_SECONDS = 24 * 3600;

/** How a client has shown who it is. */
export type Proof = "none" | "secret" | "assertion";

/** Checks client id, secret and assertion; throws for any that are wrong. */
export function proveClient(exchange: Exchange, tenant: string, form: URLSearchParams): Proof {
  const { app } = exchange.world;
  const basic = basicCredentials(exchange.headers["authorization"]);
  const clientId = form.get("client_id") ?? basic?.clientId;
  if (clientId !== app.clientId) {
    const message = `Application with identifier '${clientId ?? ""}' was not found in the directory.`;
    throw new SignInRefusal(400, "unauthorized_client", { aadsts: 700016, message });
  }
  const secret = form.get("client_secret") ?? basic?.secret;
  const assertion = form.get("client_assertion");
  if (assertion !== null) {
    if (form.get("client_assertion_type") !== ASSERTION_TYPE)
      throw badAssertion("client_assertion_type is not jwt-bearer");
    checkAssertion(exchange, tenant, assertion);
    return "assertion";
  }
  if (secret === undefined) return "none";
  if (secret === app.clientSecret) return "secret";
  throw new SignInRefusal(401, "invalid_client", { aadsts: 7000215, message: "Invalid client secret provided." });
}

function basicCredentials(
  authorization: string | undefined,
): { readonly clientId: string; readonly secret: string } | undefined {
  const match = /^Basic (.+)$/.exec(authorization ?? "");
  if (match === null) return undefined;
  const [id = "", secret = ""] = Buffer.from(match[1] ?? "", "base64")
    .toString()
    .split(":");
  const decode = (part: string): string => decodeURIComponent(part.replaceAll("+", " "));
  return { clientId: decode(id), secret: decode(secret) };
}

const Header = z.looseObject({
  alg: z.enum(["PS256", "RS256"]),
  typ: z.literal("JWT").optional(),
  "x5t#S256": z.string().optional(),
  x5t: z.string().optional(),
});
const Claims = z.looseObject({
  aud: z.string(),
  iss: z.string(),
  sub: z.string(),
  jti: z.string(),
  exp: z.number(),
  nbf: z.number(),
});

/** A signed statement of the client, made with a certificate that is registered, for this endpoint, and used once. */
function checkAssertion({ world }: Exchange, tenant: string, assertion: string): void {
  const [head = "", payload = "", signature = ""] = assertion.split(".");
  const header = parsePart(Header, head);
  const claims = parsePart(Claims, payload);
  const pem = world.app.certificates.find((one) => hasThumbprint(one, header));
  if (pem === undefined)
    throw badAssertion("The certificate with this thumbprint is not registered on the application.");
  const key = { key: createPublicKey(pem), ...(header.alg === "PS256" ? PSS : {}) };
  const isSigned = verify("sha256", Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, "base64url"));
  if (!isSigned) throw badAssertion("Client assertion failed signature validation.");
  const nowSeconds = world.clock.nowMs() / 1000;
  const { aud, iss, sub, jti, exp, nbf } = claims;
  if (iss !== world.app.clientId || sub !== world.app.clientId)
    throw badAssertion("iss and sub have to be the client id.");
  if (new URL(aud).pathname !== `/${tenant}/oauth2/v2.0/token`) throw badAssertion(`aud is ${aud}`);
  if (exp <= nowSeconds || nbf > nowSeconds + 300 || exp - nbf > MAX_LIFETIME_SECONDS)
    throw badAssertion("not within its time range");
  if (world.tokens.assertionIds.has(jti)) throw badAssertion("the assertion has been used before");
  world.tokens.assertionIds.add(jti);
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

function hasThumbprint(pem: string, header: z.output<typeof Header>): boolean {
  const { raw } = new X509Certificate(pem);
  const thumbprint = (algorithm: string): string => createHash(algorithm).update(raw).digest("base64url");
  return header["x5t#S256"] === thumbprint("sha256") || header.x5t === thumbprint("sha1");
}

function parsePart<T>(schema: z.ZodType<T>, part: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(part, "base64url").toString()));
  } catch {
    throw badAssertion("Client assertion is malformed.");
  }
}

function badAssertion(message: string): SignInRefusal {
  return new SignInRefusal(401, "invalid_client", { aadsts: 700027, message });
}
