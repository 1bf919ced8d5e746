import { collect } from "../../shared/bytes.js";
import { contentInMemory } from "../content.js";
import { badField, noSpace, trafficLimit } from "../failures.js";
import { mediaTypeOf } from "../media-types.js";
import { readFlag } from "../query.js";
import { assertUnlocked, diskPath, noteNewName, operationLink, type Route } from "../route.js";

/** Such a User-Agent is that of the service's own program. */
const OFFICIAL_CLIENT = /^Yandex\.Disk/;

/** A link to upload one file to. */
export const uploadLink: Route = {
  name: "GET resources/upload",
  scope: "write",
  params: ["path", "overwrite"],
  run: (call) => {
    const { account, links, query, world } = call;
    const overwrite = readFlag(query, "overwrite");
    const parts = diskPath(call, "path", "write");
    assertUnlocked(call, parts);
    if (account.uploadedBytes >= world.settings.uploadTrafficBytes) throw trafficLimit();
    account.disk.assertUpload(parts, overwrite);
    if (account.disk.freeBytes <= 0) throw noSpace();
    noteNewName(call, parts);
    const isDisguised = OFFICIAL_CLIENT.test(call.header("user-agent") ?? "");
    if (isDisguised) call.misuse("pretends to be the official client");
    const link = world.links.newUpload({
      uid: account.uid,
      parts,
      overwrite,
      isSlow: !isDisguised && mediaTypeOf(parts.at(-1) ?? "").isSlow,
      operation: world.operations.open(account.uid),
    });
    const href = `${links.uploader}/upload-target/${link.secret}`;
    return { status: 200, value: { operation_id: link.operation.id, href, method: "PUT", templated: false } };
  },
};

/** The service fetches a file by itself; here from this machine only. */
export const uploadByUrl: Route = {
  name: "POST resources/upload",
  scope: "write",
  params: ["path", "url", "disable_redirects"],
  run: async (call) => {
    const { account, query, world } = call;
    const parts = diskPath(call, "path", "write");
    const source = query.get("url") ?? "";
    if (!URL.canParse(source)) throw badField("url");
    account.disk.assertUpload(parts, false);
    const bytes = new URL(source).hostname === "127.0.0.1" ? await fetchBytes(source) : undefined;
    const operation = world.operations.start({
      uid: account.uid,
      work: () => account.disk.putFile(parts, contentInMemory(bytes ?? Buffer.alloc(0)), false),
      locks: [],
      fails: bytes === undefined,
    });
    return { status: 202, value: operationLink(call, operation.id) };
  },
};

async function fetchBytes(url: string): Promise<Buffer | undefined> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) return undefined;
  return await collect(chunksOf(response.body));
}

async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk);
}
