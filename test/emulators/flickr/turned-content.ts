import { createHash } from "node:crypto";
import { bytesInMemory, joinBytes } from "../shared/bytes.js";
import type { Photo } from "./photo.js";
import type { World } from "./world.js";

/** What a photo becomes when it is turned on the site: the same picture in other bytes, under other secrets. */
export function turnedContent(world: World, photo: Photo, degrees: number): Partial<Photo> {
  const mark = Buffer.from(`turned by ${String(degrees)}`);
  const { bytes, sha256 } = photo.content;
  const content = {
    bytes: joinBytes([bytes, bytesInMemory(mark)]),
    sha256: createHash("sha256").update(sha256).update(mark).digest("hex"),
  };
  const { width, height } = photo.media;
  return {
    content,
    media: degrees === 180 ? photo.media : { ...photo.media, width: height, height: width },
    rotation: (photo.rotation + degrees) % 360,
    secret: world.ids.secret(),
    originalSecret: world.ids.secret(),
  };
}
