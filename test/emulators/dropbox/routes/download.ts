import { DownloadArg, GetTemporaryLinkArg } from "../args.js";
import type { FileEntry } from "../entries.js";
import { lookup, RouteError, wrapFailures } from "../failures.js";
import { fileMetadata } from "../metadata.js";
import { toStorePath } from "../paths.js";
import { type Call, defineRoute, json, type Route } from "../route.js";
import { assertReadable, findLive, isInView } from "../view.js";

const LINK_LIFETIME_MS = 4 * 3600 * 1000;

export const downloadRoutes: readonly Route[] = [
  defineRoute({
    name: "files/download",
    host: "content",
    style: "download",
    scope: "files.content.read",
    argument: DownloadArg,
    run: async ({ path, rev }, call) => {
      const file = await findFile(call, typeof rev === "string" ? `rev:${rev}` : path);
      return {
        kind: "content",
        metadata: fileMetadata(call.view, file),
        content: file.content,
        etag: `W/"${file.rev}"`,
      };
    },
  }),
  defineRoute({
    name: "files/get_temporary_link",
    scope: "files.content.read",
    argument: GetTemporaryLinkArg,
    run: async ({ path }, call) => {
      const file = await findFile(call, path);
      const { world, account } = call;
      const secret = world.chance.letters(40);
      const expiresMs = world.clock.nowMs() + LINK_LIFETIME_MS;
      world.links.set(secret, { accountId: account.accountId, rev: file.rev, expiresMs });
      return json({ metadata: fileMetadata(call.view, file), link: `${world.contentUrl}/cd/0/get/${secret}/file` });
    },
  }),
];

async function findFile(call: Call, raw: string): Promise<FileEntry> {
  const file = await wrapFailures({ lookup: "path", write: "path" }, () => readableFile(call, raw));
  if (file.traits.exportAs !== undefined) throw new RouteError({ ".tag": "unsupported_file" });
  return file;
}

function readableFile({ view }: Call, raw: string): FileEntry {
  const { tree } = view.account;
  const entry = raw.startsWith("rev:") ? tree.byRev(raw.slice("rev:".length)) : findLive(view, raw);
  if (entry === undefined || !isInView(view, entry.key)) throw lookup("not_found");
  assertReadable(view, toStorePath(entry.display));
  if (entry.kind !== "file") throw lookup("not_file");
  return entry;
}
