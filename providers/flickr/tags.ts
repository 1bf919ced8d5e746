import type { ContentHash } from "../../lib/model/hash.js";

/**
 * What trisync writes beside a photo, because the service keeps neither hash, size nor modification time of what it was sent. Values
 * hold nothing but digits and lower-case letters: the service takes everything else out of them.
 */
export interface Facts {
  readonly hash: ContentHash;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** The tag that other programs read and write as well. */
export function checksumTagOf(hash: ContentHash): string {
  return `checksum:${hash.replace(":", "=")}`;
}

/** As a field of an upload: separated by spaces. */
export function tagsOf({ hash, sizeBytes, modifiedMs }: Facts): string {
  return `${checksumTagOf(hash)} trisync:file=s${sizeBytes}m${Math.max(0, Math.floor(modifiedMs))}`;
}

export interface ReadTags {
  /** Undefined without a tag, and where tags contradict each other. */
  readonly hash: ContentHash | undefined;
  /** Undefined as above. */
  readonly file: { readonly sizeBytes: number; readonly modifiedMs: number } | undefined;
  /** Whether trisync wrote any: then the title is the name of a file. */
  readonly isFromFile: boolean;
}

/** Any of the three forms that are in use; the last is what one uploader writes, and no machine tag. */
const CHECKSUM = /^checksum(?::md5=|:?md5|:)?([0-9a-f]{32})$/;
const FILE = /^trisync:file=(s\d{1,15}m\d{1,15})$/;

/** Reads tags in their raw or in their clean form; one may be named twice. */
export function readTags(words: readonly string[]): ReadTags {
  const tags = words.map((word) => word.toLowerCase().replaceAll('"', ""));
  const [sum, otherSum] = new Set(tags.flatMap((tag) => CHECKSUM.exec(tag)?.[1] ?? []));
  const [file, otherFile] = new Set(tags.flatMap((tag) => FILE.exec(tag)?.[1] ?? []));
  const [, sizeBytes, modifiedMs] = file?.split(/[sm]/).map(Number) ?? [];
  const isWhole = otherFile === undefined && sizeBytes !== undefined && modifiedMs !== undefined;
  return {
    hash: sum !== undefined && otherSum === undefined ? `md5:${sum}` : undefined,
    file: isWhole ? { sizeBytes, modifiedMs } : undefined,
    isFromFile: file !== undefined,
  };
}

/** Whether a tag is one of those that are exchanged together with the content. */
export function isOurs(raw: string): "checksum" | "file" | undefined {
  const tag = raw.toLowerCase().replaceAll('"', "");
  if (CHECKSUM.test(tag) || /^checksum:sha1=[0-9a-f]{40}$/.test(tag)) return "checksum";
  return FILE.test(tag) ? "file" : undefined;
}
