import type { File } from "../entries.js";
import { walk } from "../entries.js";
import { badField } from "../failures.js";
import type { IndexedFile } from "../flat-index.js";
import { cutPage, readPage } from "../listing.js";
import { MEDIA_TYPES, mediaTypeOf } from "../media-types.js";
import { describe } from "../resource.js";
import { type Call, downloadUrl, type Route } from "../route.js";
import { describeFor } from "./resources.js";

const preview = ["preview_size", "preview_crop"];

/** Every file of the Disk, by name, without folders and without a total. It lags behind. */
export const flatList: Route = {
  name: "GET resources/files",
  scope: "read",
  params: ["limit", "offset", "media_type", "sort", ...preview],
  run: (call) => {
    const { query, world } = call;
    const request = readPage(query, world.settings, () => undefined);
    const files = ofMediaType(call).sort((a, b) => compare(a.file.name, b.file.name));
    const named = files.map((indexed) => ({ name: indexed.file.name, indexed }));
    const { items } = cutPage(named, request, world.settings, call.fault);
    const { limit, offset } = request;
    return { status: 200, value: { items: items.map(({ indexed }) => describeIndexed(call, indexed)), limit, offset } };
  },
};

/** Newest first, without an offset. */
export const lastUploaded: Route = {
  name: "GET resources/last-uploaded",
  scope: "read",
  params: ["limit", "media_type", ...preview],
  run: (call) => {
    const { limit } = readPage(call.query, call.world.settings, call.misuse);
    const files = ofMediaType(call).sort((a, b) => b.file.uploadedMs - a.file.uploadedMs);
    const items = files.slice(0, limit).map((indexed) => describeIndexed(call, indexed));
    return { status: 200, value: { items, limit } };
  },
};

export const publicList: Route = {
  name: "GET resources/public",
  scope: "read",
  params: ["limit", "offset", "type", ...preview],
  run: (call) => {
    const { account, query, world } = call;
    const request = readPage(query, world.settings, () => undefined);
    const type = query.get("type");
    if (type !== undefined && type !== "dir" && type !== "file") throw badField("type");
    const published = [...walk(account.disk.root)].filter((entry) => entry.publicKey !== undefined);
    const ofType = published.filter(({ kind }) => type === undefined || kind === type);
    const { items } = cutPage(ofType, request, world.settings, call.fault);
    const { limit, offset } = request;
    const shown = items.map((entry) => describeFor(call, entry));
    return { status: 200, value: { items: shown, limit, offset, ...(type === undefined ? {} : { type }) } };
  },
};

function ofMediaType({ account, query }: Call): IndexedFile[] {
  const types = query.get("media_type")?.split(",");
  if (types?.some((type) => !MEDIA_TYPES.has(type)) === true) throw badField("media_type");
  const files = account.disk.flat.all();
  return files.filter(({ file }) => types === undefined || types.includes(mediaTypeOf(file.name).media));
}

function describeIndexed(call: Call, { file, parts }: IndexedFile): Record<string, unknown> {
  return describe(file, (one: File) => downloadUrl(call, one), parts);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
