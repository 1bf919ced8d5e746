import { createHash } from "node:crypto";
import { sampleJpeg, sampleMp4 } from "../gphotos/samples.js";
import { type Bytes, bytesInMemory } from "../shared/bytes.js";
import type { Photo } from "./photo.js";
import type { World } from "./world.js";

/** A picture that the service makes of a photo, or of a scene of a video. */
export interface Size {
  /** As in the extras word `url_…`. */
  readonly word: string;
  readonly label: string;
  /** As in the address; Medium has none. */
  readonly suffix: string;
  readonly pixels: number;
}

export const SIZES: readonly Size[] = [
  size("sq", "Square", "s", 75),
  size("q", "Large Square", "q", 150),
  size("t", "Thumbnail", "t", 100),
  size("s", "Small", "m", 240),
  size("n", "Small 320", "n", 320),
  size("w", "Small 400", "w", 400),
  size("m", "Medium", "", 500),
  size("z", "Medium 640", "z", 640),
  size("c", "Medium 800", "c", 800),
  size("l", "Large", "b", 1024),
  size("h", "Large 1600", "h", 1600),
  size("k", "Large 2048", "k", 2048),
  size("3k", "X-Large 3K", "3k", 3072),
  size("4k", "X-Large 4K", "4k", 4096),
  size("5k", "X-Large 5K", "5k", 5120),
  size("6k", "X-Large 6K", "6k", 6144),
];

/** The largest size that a free account gives out. */
const FREE_PIXELS = 1024;
const ALWAYS_THERE = 240;
/** From here on each size has a secret of its own. */
const OPEN_PIXELS = 1024;
const SERVER = "65535";

export function isReady(world: World, photo: Photo): boolean {
  return !photo.isFailed && photo.readyMs <= world.clock.nowMs();
}

/** The sizes there are of a photo, without its original. */
export function sizesOf(world: World, photo: Photo): readonly Size[] {
  if (!isReady(world, photo)) return [];
  const longest = Math.max(photo.media.width, photo.media.height);
  const limit = world.settings.plan === "free" ? FREE_PIXELS : Number.POSITIVE_INFINITY;
  return SIZES.filter(({ pixels }) => pixels <= limit && (pixels <= ALWAYS_THERE || pixels < longest));
}

/** Since May 2025 the originals of free accounts cannot be had, not even by their owner. */
export function hasOriginal(world: World, photo: Photo): boolean {
  return world.settings.plan === "pro" && isReady(world, photo);
}

export function dimensionsOf(
  photo: Photo,
  { label, pixels }: Size,
): { readonly width: number; readonly height: number } {
  if (label === "Square" || label === "Large Square") return { width: pixels, height: pixels };
  const scale = Math.min(1, pixels / Math.max(photo.media.width, photo.media.height));
  return { width: Math.round(photo.media.width * scale), height: Math.round(photo.media.height * scale) };
}

export function sizeUrl(world: World, photo: Photo, size: Size): string {
  const suffix = size.suffix === "" ? "" : `_${size.suffix}`;
  return `${world.imageUrl}/${SERVER}/${photo.id}_${sizeSecret(photo, size)}${suffix}.jpg`;
}

export function sizeSecret(photo: Photo, { pixels, suffix }: Size): string {
  if (pixels <= OPEN_PIXELS) return photo.secret;
  return createHash("sha1").update(`${photo.originalSecret} ${suffix}`).digest("hex").slice(0, 10);
}

/** For videos a still picture. */
export function originalUrl(world: World, photo: Photo): string {
  return `${world.imageUrl}/${SERVER}/${photo.id}_${photo.originalSecret}_o.${originalFormat(photo)}`;
}

export function originalFormat({ media }: Photo): string {
  return media.kind === "video" ? "jpg" : media.format;
}

/** A smaller picture: other bytes than those that went up, without most of what stood in them. */
export function pictureOf(photo: Photo, size: Size | undefined): Bytes {
  const { width, height } = size === undefined ? photo.media : dimensionsOf(photo, size);
  return bytesInMemory(sampleJpeg(`${photo.content.sha256} ${size?.label ?? "still"}`, { width, height }));
}

/** The files of a video, by the word in their address. */
export const STREAMS: ReadonlyMap<string, { readonly label: string; readonly height: number }> = new Map([
  ["site", { label: "Site MP4", height: 360 }],
  ["mobile", { label: "Mobile MP4", height: 480 }],
  ["hd", { label: "HD MP4", height: 720 }],
  ["orig", { label: "Video Original", height: 0 }],
]);

export function hasStream(world: World, photo: Photo, word: string): boolean {
  if (photo.media.kind !== "video" || !isReady(world, photo) || !STREAMS.has(word)) return false;
  return word === "orig" ? world.settings.videoOriginals && hasOriginal(world, photo) : true;
}

export function streamUrl(world: World, photo: Photo, word: string): string {
  const secret = word === "orig" ? photo.originalSecret : photo.secret;
  return `${world.siteUrl}/photos/${photo.nsid}/${photo.id}/play/${word}/${secret}/`;
}

/** As it went up, or encoded anew. */
export function streamBytes(photo: Photo, word: string): Bytes {
  return word === "orig" ? photo.content.bytes : bytesInMemory(sampleMp4(`${photo.content.sha256} ${word}`));
}

function size(word: string, label: string, suffix: string, pixels: number): Size {
  return { word, label, suffix, pixels };
}
