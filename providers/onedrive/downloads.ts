import { Readable } from "node:stream";
import type { HttpStream } from "../../lib/http/types.js";
import type { RemoteFile } from "../../lib/model/entry.js";
import { bodyFrom } from "../../lib/http/body-from.js";
import { ProviderError } from "../../lib/model/errors.js";
import { isGood, readText } from "./api.js";
import type { Connection } from "./connection.js";
import { holdsListed } from "./entries.js";
import { toGraphError } from "./errors.js";
import { lookUp } from "./lookup.js";
import { itemAddress } from "./paths.js";
import { ITEM_FIELDS, type DriveItem } from "./schemas.js";

/**
 * The listed content from `start` on. The item is looked at first: that shows whether it is still the listed version, and brings an
 * address that is good for some minutes and needs no sign-in.
 */
export async function download(
  connection: Connection,
  file: RemoteFile,
  start: number,
  signal: AbortSignal,
): Promise<Readable> {
  signal.throwIfAborted();
  for (let tries = 1; ; tries++) {
    const item = await lookAtListed(connection, file, signal);
    if (file.sizeBytes !== undefined && start >= file.sizeBytes) return Readable.from([]);
    const url = item["@microsoft.graph.downloadUrl"] ?? (await askForAddress(connection, file, signal));
    const answer = await open(connection, file, { url, start }, signal);
    if (answer.status === 200 || answer.status === 206) return bodyFrom(start, answer, file.path);
    // The address may have grown old on the way; another one is asked for, once.
    if (!EXPIRED.has(answer.status) || tries === 2) {
      const text = await readText(answer.body);
      // It is the address that is refused, and not the sign-in, which never goes there.
      if (answer.status === 401) throw refusedAddress(file);
      throw toGraphError({ status: answer.status, text }, { operation: "download", subject: file.path });
    }
    answer.body.destroy();
  }
}

const EXPIRED: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** Rejects with "not-found" or "changed" where the listed content is not there any more. */
export async function lookAtListed(
  { api, root }: Connection,
  file: RemoteFile,
  signal: AbortSignal,
): Promise<DriveItem> {
  const found = await root.find(signal);
  const about = { subject: file.path, fields: `${ITEM_FIELDS},@microsoft.graph.downloadUrl` };
  const item =
    found === undefined ? undefined : await lookUp(api, itemAddress(found.drive.id, file.id ?? ""), about, signal);
  if (item === undefined || found === undefined) {
    throw new ProviderError("not-found", `download ${file.path}: it is gone`);
  }
  // A document may have been rewritten by the service since it was listed: then the listed size is that of other bytes.
  if (holdsListed(item, file, found.drive) && item.size === file.sizeBytes) return item;
  throw new ProviderError(
    "changed",
    `download ${file.path}: the file has been changed on OneDrive since it was listed`,
  );
}

/** Not every drive shows the address beside the item: the content itself always leads there. */
async function askForAddress({ api, root }: Connection, file: RemoteFile, signal: AbortSignal): Promise<string> {
  const about = { operation: "download", subject: file.path };
  const found = await root.find(signal);
  const path = `${itemAddress(found?.drive.id ?? "", file.id ?? "")}/content`;
  const answer = await api.ask({ ...about, method: "GET", path, repeatable: true }, signal, [302]);
  const { location } = answer.headers;
  if (answer.status === 302 && location !== undefined) return location;
  if (!isGood(answer.status)) throw toGraphError(answer, about);
  throw new ProviderError("rejected", `download ${file.path}: OneDrive does not give out its content`);
}

function refusedAddress({ path }: RemoteFile): ProviderError {
  const message = `download ${path}: OneDrive refuses the address that it has just given out (status 401); run again later`;
  return new ProviderError("unavailable", message);
}

async function open(
  { api }: Connection,
  { path }: RemoteFile,
  { url, start }: { readonly url: string; readonly start: number },
  signal: AbortSignal,
): Promise<HttpStream> {
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  const request = { operation: "download", subject: path, method: "GET", url, headers, repeatable: true } as const;
  return await api.open({ ...request, accept: [400, 401, 403, 404, 410, 416, 423] }, signal);
}
