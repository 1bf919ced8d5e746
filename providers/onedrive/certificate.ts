import {
  createHash,
  createPrivateKey,
  constants,
  randomUUID,
  sign,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { UsageError } from "../../lib/model/errors.js";

export interface CertificateProof {
  readonly clientId: string;
  /** The address that the assertion is for: that of the token endpoint. */
  readonly audience: string;
  readonly certificatePem: string;
  /** May be the same text as the certificate, which then holds both. */
  readonly keyPem: string;
  readonly nowMs: number;
}

/** How long an assertion is good for. */
const LIFETIME_S = 300;

/** Clocks of two machines are rarely the same. */
const SLACK_S = 60;

/**
 * The signed statement by which an application proves that it holds the key of a certificate: a JWT by PS256 that names the
 * certificate by its SHA-256. Throws `UsageError` for a certificate or a key that cannot be read.
 */
export function createAssertion({ clientId, audience, certificatePem, keyPem, nowMs }: CertificateProof): string {
  const certificate = readCertificate(certificatePem);
  const key = readKey(keyPem);
  if (!certificate.checkPrivateKey(key)) {
    throw new UsageError("ONEDRIVE_CLIENT_CERTIFICATE_KEY: this is not the key of ONEDRIVE_CLIENT_CERTIFICATE");
  }
  const now = Math.floor(nowMs / 1000);
  const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint };
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: now - SLACK_S,
    iat: now,
    exp: now + LIFETIME_S,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const options = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return `${text}.${sign("sha256", Buffer.from(text), options).toString("base64url")}`;
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(blockOf(pem, /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/));
  } catch {
    throw new UsageError("ONEDRIVE_CLIENT_CERTIFICATE: expected a certificate in PEM form");
  }
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(blockOf(pem, /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/));
  } catch {
    throw new UsageError(
      "ONEDRIVE_CLIENT_CERTIFICATE_KEY: expected the private key of the certificate in PEM form, without a password",
    );
  }
  if (key.asymmetricKeyType === "rsa") return key;
  throw new UsageError("ONEDRIVE_CLIENT_CERTIFICATE_KEY: Microsoft takes RSA keys only");
}

/** Variables may hold "\n" for line ends. */
function blockOf(pem: string, block: RegExp): string {
  const text = pem.replaceAll("\\n", "\n");
  return block.exec(text)?.[0] ?? text;
}
