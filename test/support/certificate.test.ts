import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { createCertificate, type Certified } from "./certificate.js";

describe.each(["ec", "rsa"] as const)("a certificate with a key of type %s", (type) => {
  test("that signs itself is whole, belongs to its key, and may sign others", () => {
    const { certificatePem, keyPem } = createCertificate({ name: "one", type });
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.subject).toBe("CN=one");
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.ca).toBe(true);
  });

  test("is good from yesterday for a week, and has a number of its own", () => {
    const [one, two] = [1, 2].map(() => new X509Certificate(createCertificate({ name: "one", type }).certificatePem));
    expect(Date.parse(one?.validFrom ?? "")).toBeLessThan(Date.now());
    expect(Date.parse(one?.validTo ?? "")).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    expect(one?.serialNumber).not.toBe(two?.serialNumber);
  });

  test("that another one signs holds its hosts, and signs nothing itself", () => {
    const issuer = createCertificate({ name: "issuer", type });
    // The list of so many names is longer than what one or two bytes of length can tell.
    const hosts = Array.from({ length: 40 }, (_, n) => `host-${n}.example.org`);
    const leaf = new X509Certificate(createCertificate({ name: "leaf", type, hosts, issuer }).certificatePem);
    const root = new X509Certificate(issuer.certificatePem);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(leaf.publicKey)).toBe(false);
    expect(leaf.ca).toBe(false);
    expect(hosts.filter((host) => leaf.checkHost(host) === undefined)).toEqual([]);
    expect(leaf.checkHost("example.org")).toBeUndefined();
  });
});

describe("a TLS server with such a certificate", () => {
  const issuer = createCertificate({ name: "issuer", type: "ec" });
  const leaf = createCertificate({ name: "leaf", type: "ec", hosts: ["a.example.org"], issuer });
  const stranger = createCertificate({ name: "issuer", type: "ec" });

  test.each([
    { title: "is trusted by who trusts the issuer", host: "a.example.org", trusts: issuer, says: "authorized" },
    { title: "is no other host", host: "b.example.org", trusts: issuer, says: "ERR_TLS_CERT_ALTNAME_INVALID" },
    { title: "is not trusted for the issuer's name", host: "a.example.org", trusts: stranger, says: "SIGNATURE" },
  ])("$title", async ({ host, trusts, says }) => {
    expect(await greet(leaf, host, trusts)).toContain(says);
  });
});

/** "authorized", or the code of what the client does not like about the server. */
async function greet({ keyPem, certificatePem }: Certified, host: string, trusts: Certified): Promise<string> {
  const server = createServer({ key: keyPem, cert: certificatePem });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const client = connect({ port: portOf(server), host: "127.0.0.1", servername: host, ca: trusts.certificatePem });
    return await outcomeOf(client);
  } finally {
    server.close();
  }
}

async function outcomeOf(client: TLSSocket): Promise<string> {
  try {
    await once(client, "secureConnect");
    return client.authorized ? "authorized" : "not authorized";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    client.destroy();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
