import { partsOf } from "../entries.js";
import { diskPath, downloadUrl, type Route } from "../route.js";

/** A link to download a file from, or a folder as a ZIP archive. */
export const downloadLink: Route = {
  name: "GET resources/download",
  scope: "read",
  params: ["path"],
  run: (call) => {
    const { account, links, world } = call;
    const entry = account.disk.get(diskPath(call, "path", "read"));
    if (entry.kind === "file") {
      return { status: 200, value: { href: downloadUrl(call, entry), method: "GET", templated: false } };
    }
    const name = `${partsOf(entry).at(-1) ?? "disk"}.zip`;
    const link = world.links.newDownload({
      uid: account.uid,
      entry,
      content: undefined,
      name,
      mime: "application/zip",
    });
    const expires = Math.floor(link.expiresMs / 1000).toString(16);
    const href = `${links.downloader}/disk/zip/${expires}/${link.secret}?filename=${encodeURIComponent(name)}`;
    return { status: 200, value: { href, method: "GET", templated: false } };
  },
};
