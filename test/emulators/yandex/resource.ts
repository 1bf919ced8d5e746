import { type Entry, type File, partsOf } from "./entries.js";
import { mediaTypeOf } from "./media-types.js";
import { type Parts, shownPath } from "./paths.js";
import type { TrashItem } from "./trash.js";

/** The service's only time format: UTC, whole seconds. */
export function toTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

/** The Resource object of an entry, without its children. `downloadLink` is called for files. */
export function describe(
  entry: Entry,
  downloadLink: (file: File) => string,
  parts: Parts = partsOf(entry),
): Record<string, unknown> {
  return {
    type: entry.kind,
    name: entry.parent === undefined && entry.kind === "dir" ? entry.name : (parts.at(-1) ?? entry.name),
    path: shownPath(parts),
    created: toTimestamp(entry.createdMs),
    modified: toTimestamp(entry.modifiedMs),
    resource_id: entry.id,
    revision: entry.revision,
    exif: {},
    comment_ids: { private_resource: entry.id, public_resource: entry.id },
    ...(entry.properties === undefined ? {} : { custom_properties: entry.properties }),
    ...(entry.publicKey === undefined
      ? {}
      : { public_key: entry.publicKey, public_url: `https://yadi.sk/d/${entry.publicKey.slice(0, 14)}` }),
    ...(entry.kind === "file" ? fileFields(entry, downloadLink(entry)) : {}),
  };
}

/** An entry of the trash, which shows where it came from. */
export function describeTrash(
  { item, entry, parts }: { readonly item: TrashItem; readonly entry: Entry; readonly parts: Parts },
  downloadLink: (file: File) => string,
): Record<string, unknown> {
  return {
    ...describe(entry, downloadLink, parts),
    name: entry.name,
    path: `trash:/${parts.join("/")}`,
    origin_path: shownPath([...item.originParts, ...parts.slice(1)]),
    deleted: toTimestamp(item.deletedMs),
  };
}

function fileFields(file: File, link: string): Record<string, unknown> {
  const { media, mime } = mediaTypeOf(file.name);
  return {
    size: file.content.sizeBytes,
    md5: file.content.md5,
    sha256: file.content.sha256,
    mime_type: mime,
    media_type: media,
    file: link,
    antivirus_status: "clean",
  };
}
