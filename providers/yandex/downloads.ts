import { Readable } from "node:stream";
import type { RemoteFile } from "../../lib/model/entry.js";
import { bodyFrom } from "../../lib/http/body-from.js";
import { ProviderError } from "../../lib/model/errors.js";
import type { Connection } from "./connection.js";
import { isVersion } from "./entries.js";
import { lookUp } from "./look.js";
import type { RemotePath } from "./paths.js";
import { link } from "./schemas.js";

/** Statuses of a link that has ended or was damaged, or whose content is not there any more. */
const STALE = [403, 404, 410, 416, 500];
/** The same where the link is fresh: a server error then is one, and worth the client's own retries. */
const REFUSED = [403, 404, 410, 416];

/**
 * The listed content from `start` on. A link names one content, whose hash is compared with the listed one before anything is
 * fetched. A link that was kept for some time may have ended; then a fresh one is asked for.
 */
export async function download(
  connection: Connection,
  file: RemoteFile,
  start: number,
  signal: AbortSignal,
): Promise<Readable> {
  const { api, links, paths } = connection;
  const path = paths.of(file.path);
  if (start > 0 && file.sizeBytes !== undefined && start >= file.sizeBytes) {
    // No range begins at the end of a file: all that is left to do is to check the version.
    await requestLink(connection, file, path, signal);
    return Readable.from([]);
  }
  const about = { operation: "download", subject: file.path, start };
  const known = await links.find(path, signal);
  if (known !== undefined && file.hash === `sha256:${known.sha256}`) {
    const answer = await api.fetch({ ...about, url: known.url, accept: STALE }, signal);
    if (answer.status < 300) return bodyFrom(start, answer, file.path);
    links.forget(path);
  }
  const url = await requestLink(connection, file, path, signal);
  const answer = await api.fetch({ ...about, url, accept: REFUSED }, signal);
  if (answer.status < 300) return bodyFrom(start, answer, file.path);
  throw refused(file, answer.status);
}

/** A link to the listed content, with a look at what is there. Rejects with "changed" or "not-found". */
async function requestLink(
  connection: Connection,
  file: RemoteFile,
  path: RemotePath,
  signal: AbortSignal,
): Promise<string> {
  const found = await lookUp(connection, path, signal, ["file"]);
  if (found === undefined) throw new ProviderError("not-found", `download ${file.path}: it is gone`);
  if (!isVersion(found, file)) throw changed(file);
  if (found.file !== undefined) return found.file;
  const about = { operation: "download", subject: file.path } as const;
  const call = { ...about, method: "GET", route: "/resources/download", query: { path }, repeatable: true } as const;
  return (await connection.api.ask(call, link, signal)).href;
}

function changed({ path }: RemoteFile): ProviderError {
  return new ProviderError("changed", `download ${path}: the file has been changed on Yandex Disk since it was listed`);
}

function refused({ path }: RemoteFile, status: number): ProviderError {
  if (status === 404 || status === 410) {
    return new ProviderError("not-found", `download ${path}: the content is not there (status ${status}); run again`);
  }
  if (status === 416) return new ProviderError("changed", `download ${path}: the file is shorter than it was listed`);
  return new ProviderError(
    "unavailable",
    `download ${path}: Yandex refuses the content (status ${status}); run again later`,
  );
}
