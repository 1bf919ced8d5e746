import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { proxyFor } from "../../../lib/http/proxy.js";
import { answer, closeServer, listenOnLoopback } from "../../support/http-server.js";
import { afterTest, client, containing, get, never, proxy, server } from "./support.js";

describe("proxyFor", () => {
  const proxied = (url: string, settings: Record<string, string>) => proxyFor(new URL(url), settings)?.host;

  it.each([
    ["https://a.test/", { HTTPS_PROXY: "http://p:1" }, "p:1"],
    ["https://a.test/", { https_proxy: "p:1" }, "p:1"],
    ["https://a.test/", { HTTP_PROXY: "http://p:1" }, undefined],
    ["http://a.test/", { HTTP_PROXY: "http://p:1" }, "p:1"],
    ["http://a.test/", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://a.test/", { HTTPS_PROXY: " " }, undefined],
    ["https://a.test/", {}, undefined],
  ])("%s with %o goes through %s", (url, settings, expected) => {
    expect(proxied(url, settings)).toBe(expected);
  });

  it.each([
    ["*", true],
    ["a.test", true],
    ["A.TEST", true],
    ["b.test, a.test", true],
    ["b.test a.test", true],
    ["test", true],
    [".test", true],
    ["*.test", true],
    [".a.test", true],
    ["a.test:443", true],
    ["a.test:8443", false],
    ["aa.test", false],
    ["st", false],
    ["x.a.test", false],
    ["", false],
  ])("NO_PROXY=%j spares https://a.test: %s", (NO_PROXY, isSpared) => {
    expect(proxied("https://a.test/", { HTTPS_PROXY: "p:1", NO_PROXY })).toBe(isSpared ? undefined : "p:1");
    expect(proxied("https://a.test/", { https_proxy: "p:1", no_proxy: NO_PROXY })).toBe(isSpared ? undefined : "p:1");
  });

  it.each([
    ["http://127.0.0.1:8080/", "127.0.0.1"],
    ["http://127.0.0.1:8080/", "127.0.0.1:8080"],
    ["http://[::1]:8080/", "[::1]"],
    ["http://[::1]:8080/", "[::1]:8080"],
    ["http://[::1]:8080/", "::1"],
  ])("%s is spared by %s", (url, NO_PROXY) => {
    expect(proxied(url, { HTTP_PROXY: "p:1", NO_PROXY })).toBe(undefined);
  });

  it.each(["ftp://p:1", "http://", "socks5://p:1", "http://p:99999"])("%s is refused", (HTTPS_PROXY) => {
    expect(() => proxied("https://a.test/", { HTTPS_PROXY })).toThrow(/^HTTPS_PROXY is not the address/);
  });
});

describe("a proxy", () => {
  it("is asked by name and kept open; the name is its own to find", async () => {
    const target = await server(() => answer(200, "through"));
    const { url, targets, credentials } = await proxy({ port: target.port });
    const http = client({ proxy: { http_proxy: url.replace("//", "//me:p%40ss@") } });
    for (let round = 0; round < 3; round += 1) {
      expect((await http.send(get("http://service.test/a"), never)).text).toBe("through");
    }
    expect(await text((await http.open(get("http://service.test/a"), never)).body)).toBe("through");
    expect(targets).toEqual(["service.test:80"]);
    expect(credentials).toEqual([`Basic ${Buffer.from("me:p@ss").toString("base64")}`]);
  });

  it("is left out for what NO_PROXY names", async () => {
    const target = await server(() => answer(200));
    const { url, targets } = await proxy({ port: target.port });
    await client({ proxy: { HTTP_PROXY: url, NO_PROXY: "127.0.0.1" } }).send(get(target.url), never);
    expect(targets).toEqual([]);
  });

  it.each([
    [
      403,
      1,
      "the proxy HOST refused the connection with 403 Forbidden (403); check HTTPS_PROXY, HTTP_PROXY and NO_PROXY",
    ],
    [
      407,
      1,
      "refused the connection with 407 Proxy Authentication Required (407); write a name and password for it before its host",
    ],
    [502, 3, "refused the connection with 502 Bad Gateway (502), tried 3 times"],
  ])("that answers %i is named", async (refuseWith, tries, expected) => {
    const { url, targets } = await proxy({ port: 1, refuseWith });
    const http = client({ proxy: { HTTP_PROXY: url }, limits: { retries: 2 } });
    const request = get("http://service.test/", { method: "POST", repeatable: false });
    await expect(http.send(request, never)).rejects.toMatchObject({
      code: "unavailable",
      message: containing(expected.replace("HOST", new URL(url).host)),
    });
    expect(targets.length).toBe(tries);
  });

  it("that cannot be reached is named", async () => {
    const gone = await proxy({ port: 1 });
    await gone.close();
    const http = client({ proxy: { HTTP_PROXY: gone.url }, limits: { retries: 0 } });
    await expect(http.send(get("http://service.test/"), never)).rejects.toThrow(
      `service.test: connection refused through the proxy ${new URL(gone.url).host} (ECONNREFUSED)`,
    );
  });

  it.each([true, false])("that says nothing is given up (request may be repeated: %s)", async (repeatable) => {
    const { url } = await proxy({ port: 1, isDumb: true });
    const http = client({ proxy: { HTTP_PROXY: url }, limits: { retries: 1, connectTimeoutMs: 100 } });
    await expect(http.send(get("http://service.test/", { repeatable }), never)).rejects.toThrow(
      /the proxy .* does not answer \(ETIMEDOUT\), tried 2 times/,
    );
  });
});

describe("encrypted connections", () => {
  const folder = fileURLToPath(new URL("./tls/", import.meta.url));

  async function startTls() {
    const [key, cert] = await Promise.all([readFile(`${folder}key.pem`), readFile(`${folder}cert.pem`)]);
    const secure = createServer({ key, cert }, (_request, response) => response.end("secure"));
    afterTest(() => closeServer(secure));
    return await listenOnLoopback(secure);
  }

  it("to a server that nobody vouches for are refused at once, with what to do", async () => {
    const port = await startTls();
    const http = client();
    const sent = http.send(get(`https://127.0.0.1:${port}/`, { repeatable: false }), never);
    await expect(sent).rejects.toThrow(
      /its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); .*NODE_EXTRA_CA_CERTS/,
    );
    expect(http.requests).toBe(1);
  });

  it("go through HTTPS_PROXY, and NODE_EXTRA_CA_CERTS vouches for the server", async () => {
    const { url, targets } = await proxy({ port: await startTls() });
    const output = await runChild(fileURLToPath(new URL("./https-child.ts", import.meta.url)), {
      HTTPS_PROXY: url,
      NODE_EXTRA_CA_CERTS: `${folder}cert.pem`,
    });
    expect(output).toBe("200 secure\n200 secure\n");
    expect(targets).toEqual(["service.test:443"]);
  });
});

async function runChild(file: string, env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", file], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return await text(child.stdout);
}
