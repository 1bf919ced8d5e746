import { createHmac } from "node:crypto";
import OAuth from "oauth-1.0a";
import { beforeEach, describe, expect, test } from "vitest";
import { type FlickrEmulator, startFlickrEmulator } from "./flickr/emulator.js";
import { type Place, RawClient } from "./flickr/raw-client.js";
import { baseString, hmacSha1, percentEncode } from "./flickr/signature.js";
import { sampleJpeg } from "./gphotos/samples.js";

let emulator: FlickrEmulator;
let client: RawClient;

beforeEach(async () => {
  emulator = await startFlickrEmulator();
  client = new RawClient(emulator);
  return () => emulator.close();
});

interface Vector {
  readonly title: string;
  readonly method: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly secrets: readonly [consumer: string, token: string];
  readonly signature: string;
}

const RFC_PHOTOS = {
  file: "vacation.jpg",
  size: "original",
  oauth_consumer_key: "dpf43f3p2l4k3l03",
  oauth_signature_method: "HMAC-SHA1",
  oauth_token: "nnch734d00sl2jdk",
};

const vectors: readonly Vector[] = [
  {
    title: "the manual of X",
    method: "POST",
    url: "https://api.twitter.com/1.1/statuses/update.json",
    fields: {
      status: "Hello Ladies + Gentlemen, a signed OAuth request!",
      include_entities: "true",
      oauth_consumer_key: "xvz1evFS4wEEPTGEFPHBog",
      oauth_nonce: "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: "1318622958",
      oauth_token: "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
      oauth_version: "1.0",
    },
    secrets: ["kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"],
    signature: "hCtSmYh+iHYCEqBWrE7C7hYmtUk=",
  },
  {
    title: "RFC 5849, the token of section 1.2",
    method: "POST",
    url: "https://photos.example.net/token",
    fields: {
      oauth_consumer_key: "dpf43f3p2l4k3l03",
      oauth_token: "hh5s93j4hdidpola",
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: "137131201",
      oauth_nonce: "walatlh",
      oauth_verifier: "hfdp7dh39dks9884",
    },
    secrets: ["kd94hf93k423kf44", "hdhd0244k9j7ao03"],
    signature: "gKgrFCywp7rO0OXSjdot/IHF7IU=",
  },
  {
    title: "RFC 5849, the picture of section 1.2",
    method: "GET",
    url: "http://photos.example.net/photos",
    fields: { ...RFC_PHOTOS, oauth_timestamp: "137131202", oauth_nonce: "chapoH" },
    secrets: ["kd94hf93k423kf44", "pfkkdhi9sl3r4s00"],
    signature: "MdpQcU8iPSUjWoN/UDMsK2sui9I=",
  },
  {
    title: "OAuth Core 1.0, appendix A.5",
    method: "GET",
    url: "http://photos.example.net/photos",
    fields: { ...RFC_PHOTOS, oauth_timestamp: "1191242096", oauth_nonce: "kllo9940pd9333jh", oauth_version: "1.0" },
    secrets: ["kd94hf93k423kf44", "pfkkdhi9sl3r4s00"],
    signature: "tR3+Ty81lMeYAr/Fid0kMTYa/WM=",
  },
  {
    title: "the tests of the official SDK: an address without a path",
    method: "GET",
    url: "http://www.example.com",
    fields: { foo: "123", bar: "456" },
    secrets: ["consumer secret", "keyboard cat"],
    signature: "pytjoWTzMmvq13/Bai9YVX1tV9c=",
  },
  {
    title: "the tests of the official SDK: spaces in keys",
    method: "GET",
    url: "https://api.flickr.com/services/rest",
    fields: {
      method: "flickr.test.echo",
      foo: "bar",
      oauth_consumer_key: "consumer key",
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: "499166400",
      oauth_nonce: "p2m2bnHdXVIsQH0FUv0oN9XrJU57ak7dSSpHU36mn4k=",
      oauth_token: "oauth token",
      oauth_version: "1.0",
    },
    secrets: ["consumer secret", "oauth token secret"],
    signature: "Dz9rJCs/jKRPMeLztpj7T9Ur9m0=",
  },
  {
    title: "an upload, whose photo is not signed",
    method: "POST",
    url: "https://up.flickr.com/services/upload/",
    fields: {
      title: "Café & co",
      tags: 'checksum:md5=d41d8cd98f00b204e9800998ecf8427e "two words"',
      is_public: "0",
      async: "1",
      oauth_consumer_key: "ck",
      oauth_signature_method: "HMAC-SHA1",
      oauth_timestamp: "1700000000",
      oauth_nonce: "abc123",
      oauth_token: "at",
      oauth_version: "1.0",
    },
    secrets: ["cs", "ats"],
    signature: "ZWzNJcCVVnR0z7B24rvKZjPf7Pg=",
  },
];

describe("signatures", () => {
  test.each(vectors)("$title", ({ method, url, fields, secrets, signature }) => {
    const text = baseString({ method, url, fields: Object.entries(fields) });
    expect(hmacSha1(text, ...secrets)).toBe(signature);
  });

  test("repeated names, empty values and everything that RFC 3986 reserves", () => {
    const fields: [string, string][] = [
      ["a", ""],
      ["b", "!'()*~-._"],
      ["c", "z"],
      ["c", "a"],
      ["d", "😀 +%&="],
      ["oauth_consumer_key", "ck"],
      ["oauth_signature_method", "HMAC-SHA1"],
      ["oauth_timestamp", "1700000000"],
      ["oauth_nonce", "abc123"],
      ["oauth_token", "at"],
      ["oauth_version", "1.0"],
    ];
    const text = baseString({ method: "POST", url: "https://api.flickr.com/services/rest", fields });
    expect(text).toContain("%26c%3Da%26c%3Dz%26d%3D%25F0%259F%2598%2580%2520%252B%2525%2526%253D%26");
    expect(hmacSha1(text, "c s", "t&s")).toBe("sCXM2+D6jySCB/AS3HdgMH43lrw=");
  });

  test("agree with an independent library, whatever stands in the values", () => {
    const oauth = new OAuth({
      consumer: { key: "k&y", secret: "s cret" },
      signature_method: "HMAC-SHA1",
      hash_function: (text, key) => createHmac("sha1", key).update(text).digest("base64"),
    });
    for (const value of ["", "a b+c", "!'()*", "ü😀", "a=b&c=d", "100%25", '"q"', "~-._", "\n\t"]) {
      const data = { text: value, method: "flickr.photos.setMeta" };
      const url = "HTTPS://API.flickr.com:443/services/rest/";
      const { oauth_signature, ...signed } = oauth.authorize(
        { url: "https://api.flickr.com/services/rest/", method: "POST", data },
        { key: "t", secret: "u" },
      );
      const fields = Object.entries<unknown>({ ...signed, ...data }).map(([name, one]) => [name, String(one)] as const);
      expect(hmacSha1(baseString({ method: "post", url, fields }), "s cret", "u")).toBe(oauth_signature);
    }
  });

  test("keep an unusual port and leave a query out", () => {
    const text = baseString({ method: "GET", url: "http://127.0.0.1:8080/a/b/?c=d", fields: [] });
    expect(text).toBe(`GET&${percentEncode("http://127.0.0.1:8080/a/b/")}&`);
  });
});

describe("signing in", () => {
  test("by a redirect to a port of this machine: three legs, then who it is and what is allowed", async () => {
    const requested = await requestToken({ oauth_callback: "http://127.0.0.1:4711/back?x=1" });
    expect(requested.get("oauth_callback_confirmed")).toBe("true");
    const token = { key: requested.get("oauth_token") ?? "", secret: requested.get("oauth_token_secret") ?? "" };
    expect(token.key).toMatch(/^\d+-[0-9a-f]{16}$/);
    const page = await authorize(token.key, "delete");
    const back = new URL(page.headers.get("location") ?? "");
    expect(page.status).toBe(302);
    expect(back.href).toMatch(/^http:\/\/127\.0\.0\.1:4711\/back\?x=1&/);
    expect(back.searchParams.get("oauth_token")).toBe(token.key);
    const verifier = back.searchParams.get("oauth_verifier") ?? "";
    expect(verifier).toMatch(/^[0-9a-f]{16}$/);
    const text = await accessToken(token, verifier);
    expect(text).toMatch(/^fullname=Jane%20Doe&oauth_token=\S+&user_nsid=12345678%40N00&username=jane$/);
    const access = new URLSearchParams(text);
    const signedIn = new RawClient(emulator, {
      key: access.get("oauth_token") ?? "",
      secret: access.get("oauth_token_secret") ?? "",
    });
    expect(await signedIn.call("auth.oauth.checkToken")).toEqual({
      oauth: {
        token: { _content: access.get("oauth_token") },
        perms: { _content: "delete" },
        user: { nsid: "12345678@N00", username: "jane", fullname: "Jane Doe" },
      },
      stat: "ok",
    });
    expect(emulator.misuse).toEqual([]);
    // It is good for once.
    expect(await accessToken(token, verifier)).toBe("oauth_problem=token_rejected");
  });

  test("by nine digits that the person types, with their dashes", async () => {
    const token = await approvedToken("oob");
    const page = await (await authorize(token.key, "write")).text();
    const code = /\d{3}-\d{3}-\d{3}/.exec(page)?.[0] ?? "";
    expect(await accessToken(token, code.replaceAll("-", ""))).toBe("oauth_problem=verifier_invalid");
    expect(await accessToken(token, "000-000-000")).toBe("oauth_problem=verifier_invalid");
    emulator.settings.codeDashes = "optional";
    expect(await accessToken(token, code.replaceAll("-", ""))).toContain("user_nsid=");
  });

  test("refused by the person: nothing comes back that could be redeemed", async () => {
    emulator.settings.consent = "deny";
    const token = await approvedToken("http://localhost:4711/");
    const back = new URL((await authorize(token.key, "delete")).headers.get("location") ?? "");
    expect(back.searchParams.has("oauth_verifier")).toBe(false);
    expect(await accessToken(token, "0123456789abcdef")).toBe("oauth_problem=permission_denied");
    const typed = await approvedToken("oob");
    expect(await (await authorize(typed.key, "read")).text()).toContain("not authorised");
  });

  test("with a request token that is too old, unknown, or without permission words", async () => {
    const token = await approvedToken("oob");
    expect((await authorize(token.key, "everything")).status).toBe(400);
    emulator.advanceClock(601_000);
    expect((await authorize(token.key, "read")).status).toBe(400);
    expect((await authorize("1-2", "read")).status).toBe(400);
    expect(emulator.misuse).toHaveLength(3);
  });

  test("with a wrong key, or without a callback", async () => {
    const url = `${emulator.authUrl}/services/oauth/request_token`;
    const response = await client.send(url, {}, { isTokenless: true });
    expect(response.status).toBe(401);
    expect(await response.text()).toBe("oauth_problem=parameter_absent&oauth_parameters_absent=oauth_callback");
    const foreign = await fetch(`${url}?oauth_consumer_key=other&oauth_callback=oob`);
    expect(await foreign.text()).toBe("oauth_problem=consumer_key_unknown");
  });

  test("tells every account by its own token", async () => {
    const other = emulator.addAccount({ username: "joe", fullname: "Joe" });
    const { token: key, secret } = emulator.tokens.issue({ nsid: other.nsid, perms: "read" });
    expect(await new RawClient(emulator, { key, secret }).call("test.login")).toMatchObject({
      user: { id: "12345679@N00", username: { _content: "joe" } },
    });
  });
});

describe("signed calls", () => {
  test.each<Place>(["query", "form", "multipart", "header"])("carry their signature in the %s", async (place) => {
    const id = await client.uploaded(sampleJpeg(1), { title: "a" });
    const title = "ü !'()*+%&=~ 😀";
    expect(await client.call("photos.setMeta", { photo_id: id, title }, { place })).toEqual({ stat: "ok" });
    expect(emulator.remote.photos()[0]?.title).toBe(title);
    expect(emulator.misuse).toEqual([]);
  });

  test("are refused with what the service computed, when anything differs", async () => {
    const wrong = new RawClient(emulator, { key: emulator.token.token, secret: "0000000000000000" });
    const url = `${emulator.apiUrl}/services/rest/`;
    const response = await wrong.send(url, { method: "flickr.test.login" });
    expect(response.status).toBe(401);
    const answer = new URLSearchParams(await response.text());
    expect(answer.get("oauth_problem")).toBe("signature_invalid");
    expect(answer.get("debug_sbs")).toMatch(/^GET&http%3A%2F%2F127\.0\.0\.1%3A\d+%2Fservices%2Frest%2F&method%3D/);
    expect(emulator.misuse).toEqual(["test.login: signature_invalid"]);
    emulator.settings.signatureFailures = "rest";
    expect(await wrong.call("test.login")).toEqual({ stat: "fail", code: 96, message: "Invalid signature" });
  });

  test("sign the path as it was requested, with or without its last slash", async () => {
    for (const path of ["/services/rest", "/services/rest/"]) {
      const response = await client.send(`${emulator.apiUrl}${path}`, { method: "flickr.test.null" });
      expect(await response.text()).toContain('stat="ok"');
    }
    for (const path of ["/services/upload", "/services/upload/"]) {
      const file = { name: "a.jpg", content: sampleJpeg(path) };
      const options = { method: "POST", place: "multipart", file } as const;
      const response = await client.send(`${emulator.uploadUrl}${path}`, { title: "a" }, options);
      expect(await response.text()).toContain("<photoid ");
    }
  });

  test("are refused when they come twice, or from a clock that is off", async () => {
    const url = `${emulator.apiUrl}/services/rest/?${signedQuery().toString()}`;
    expect((await fetch(url)).status).toBe(200);
    expect(await (await fetch(url)).text()).toBe("oauth_problem=nonce_used");
    emulator.settings.clockSkewMs = -302_000;
    const late = await client.send(`${emulator.apiUrl}/services/rest/`, { method: "flickr.test.null" });
    expect(await late.text()).toBe("oauth_problem=timestamp_refused");
    expect(emulator.misuse).toEqual(["test.null: nonce_used"]);
  });

  test("need a key that is known, a signature, and a token that is alive", async () => {
    const rest = (query: string): Promise<unknown> =>
      fetch(`${emulator.apiUrl}/services/rest/?format=json&nojsoncallback=1&method=flickr.test.login&${query}`).then(
        (response) => response.json(),
      );
    expect(await rest("")).toMatchObject({ code: 100 });
    expect(await rest("api_key=0")).toMatchObject({ code: 100 });
    expect(await rest(`api_key=${emulator.app.key}`)).toMatchObject({ code: 99 });
    expect(await rest(`oauth_consumer_key=${emulator.app.key}`)).toMatchObject({ code: 97 });
    emulator.tokens.revokeAll();
    expect(await client.call("test.login")).toMatchObject({ code: 98 });
    emulator.settings.tokenFailures = "http";
    expect(await client.call("test.login")).toEqual({ httpStatus: 401, text: "oauth_problem=token_rejected" });
  });

  test("may do what their permission includes, and no more", async () => {
    const id = await client.uploaded(sampleJpeg(1));
    const read = clientWith("read");
    const write = clientWith("write");
    expect(await read.call("test.login")).toMatchObject({ stat: "ok" });
    expect(await read.call("photos.setMeta", { photo_id: id, title: "b" })).toMatchObject({ code: 99 });
    expect(await read.upload(sampleJpeg(2))).toContain('code="99"');
    expect(await write.call("photos.setMeta", { photo_id: id, title: "b" })).toMatchObject({ stat: "ok" });
    expect(await write.call("photos.delete", { photo_id: id })).toMatchObject({ code: 99 });
    expect(await client.call("photos.delete", { photo_id: id })).toEqual({ stat: "ok" });
    expect(emulator.remote.photos()).toEqual([]);
  });

  test("leave the photo of an upload out of the signature, and nothing else", async () => {
    const id = await client.uploaded(sampleJpeg(1), { title: "Café & co", tags: '"two words" a:b=c' });
    expect(emulator.remote.photos()).toMatchObject([{ id, title: "Café & co", tags: ["two words", "a:b=c"] }]);
    const form = new FormData();
    for (const [name, value] of signedQuery()) form.set(name, value);
    form.set("title", "not signed");
    form.set("photo", new File([sampleJpeg(2)], "a.jpg"));
    const response = await fetch(`${emulator.uploadUrl}/services/upload/`, { method: "POST", body: form });
    expect(response.status).toBe(401);
    expect(new URLSearchParams(await response.text()).get("debug_sbs")).toContain("title%3Dnot%2520signed");
  });
});

function clientWith(perms: "read" | "write"): RawClient {
  const { token: key, secret } = emulator.tokens.issue({ perms });
  return new RawClient(emulator, { key, secret });
}

/** The query of a call that works once. */
function signedQuery(): URLSearchParams {
  const fields: Record<string, string> = {
    method: "flickr.test.null",
    oauth_consumer_key: emulator.app.key,
    oauth_token: emulator.token.token,
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    oauth_nonce: String(Math.random()),
    oauth_version: "1.0",
  };
  const url = `${emulator.apiUrl}/services/rest/`;
  const text = baseString({ method: "GET", url, fields: Object.entries(fields) });
  return new URLSearchParams({
    ...fields,
    oauth_signature: hmacSha1(text, emulator.app.secret, emulator.token.secret),
  });
}

async function requestToken(data: Readonly<Record<string, string>>): Promise<URLSearchParams> {
  const response = await client.send(`${emulator.authUrl}/services/oauth/request_token`, data, { isTokenless: true });
  return new URLSearchParams(await response.text());
}

async function approvedToken(callback: string): Promise<OAuth.Token> {
  const requested = await requestToken({ oauth_callback: callback });
  return { key: requested.get("oauth_token") ?? "", secret: requested.get("oauth_token_secret") ?? "" };
}

async function authorize(token: string, perms: string): Promise<Response> {
  const query = new URLSearchParams({ oauth_token: token, perms });
  return await fetch(`${emulator.authUrl}/services/oauth/authorize?${query.toString()}`, { redirect: "manual" });
}

async function accessToken(token: OAuth.Token, verifier: string): Promise<string> {
  const url = `${emulator.authUrl}/services/oauth/access_token`;
  return await (await client.send(url, { oauth_verifier: verifier }, { token, method: "POST", place: "form" })).text();
}
