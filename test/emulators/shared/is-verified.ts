import { createHash } from "node:crypto";

/** The challenge of an authorization by PKCE. */
export interface Challenge {
  readonly method: "S256" | "plain";
  readonly value: string;
}

/** Whether a PKCE verifier has the required form and matches the challenge of the authorization. */
export function isVerified({ method, value }: Challenge, verifier: string): boolean {
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) return false;
  return value === (method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url"));
}
