import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { integer, objectId, octets, sequence, set, tagged, TAGS, time, bits, text } from "./der.js";

/** A private key and the certificate that goes with it, both in PEM form. */
export interface Certified {
  readonly name: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly certificatePem: string;
}

export interface CertificateOptions {
  readonly name: string;
  readonly type: "rsa" | "ec";
  /** Of servers; none for what is no server's. */
  readonly hosts?: readonly string[];
  /** Who signs it; by default it signs itself, and may sign others. */
  readonly issuer?: Certified;
}

const DAY_MS = 86_400_000;

/** Makes a certificate that is good for a week. For tests only: Node has no other way to make one. */
export function createCertificate({ name, type, hosts = [], issuer }: CertificateOptions): Certified {
  const { publicKey, privateKey: key } = createKeys(type);
  const signer = issuer ?? { name, key };
  const algorithm = signatureAlgorithmOf(signer.key);
  const body = sequence(
    tagged(TAGS.version, integer(Buffer.of(2))),
    integer(createSerial()),
    algorithm,
    nameOf(signer.name),
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + 7 * DAY_MS))),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(TAGS.extensions, sequence(...extensionsOf(issuer === undefined, hosts))),
  );
  return {
    name,
    key,
    keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: toPem(sequence(body, algorithm, bits(sign("sha256", body, signer.key)))),
  };
}

function createKeys(type: "rsa" | "ec") {
  return type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

/** RSA or ECDSA with SHA-256 (RFC 4055, RFC 5758). */
function signatureAlgorithmOf(key: KeyObject): Buffer {
  return key.asymmetricKeyType === "rsa"
    ? sequence(objectId("1.2.840.113549.1.1.11"), tagged(TAGS.null))
    : sequence(objectId("1.2.840.10045.4.3.2"));
}

/** Positive, and long enough to be no other's. */
function createSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = 0x40;
  return serial;
}

/** One common name. */
function nameOf(name: string): Buffer {
  return sequence(set(sequence(objectId("2.5.4.3"), text(name))));
}

/** Basic constraints; for servers also their names, and that they are servers (RFC 5280 § 4.2.1). */
function extensionsOf(mayIssue: boolean, hosts: readonly string[]): readonly Buffer[] {
  const constraints = mayIssue ? sequence(tagged(TAGS.boolean, Buffer.of(0xff))) : sequence();
  const basic = sequence(objectId("2.5.29.19"), tagged(TAGS.boolean, Buffer.of(0xff)), octets(constraints));
  if (hosts.length === 0) return [basic];
  const names = sequence(...hosts.map((host) => tagged(TAGS.dnsName, Buffer.from(host, "latin1"))));
  return [
    basic,
    sequence(objectId("2.5.29.17"), octets(names)),
    sequence(objectId("2.5.29.37"), octets(sequence(objectId("1.3.6.1.5.5.7.3.1")))),
  ];
}

function toPem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
