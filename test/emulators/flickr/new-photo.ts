import type { Account } from "./accounts.js";
import { type Photo, type PhotoMedia, type Privacy, takenOf } from "./photo.js";
import type { Content } from "./content.js";
import { addTags, splitTags } from "./tags.js";
import type { World } from "./world.js";

export interface NewPhoto {
  readonly title: string;
  readonly content: Content;
  readonly media: PhotoMedia;
  readonly privacy: Privacy;
  readonly description?: string | undefined;
  /** As a client sends them: separated by spaces. */
  readonly tags?: string | undefined;
  readonly postedMs?: number | undefined;
  readonly safetyLevel?: string | undefined;
  readonly contentType?: string | undefined;
}

/** A photo as it is right after its upload. */
export function newPhoto(world: World, { nsid }: Account, traits: NewPhoto): Photo {
  const { clock, ids, settings } = world;
  const { title, content, media, privacy, description = "", tags = "", postedMs = clock.nowMs() } = traits;
  const id = ids.photo();
  const processingMs = media.kind === "video" ? settings.videoProcessingMs : settings.photoProcessingMs;
  return {
    ...{ id, nsid, secret: ids.secret(), originalSecret: ids.secret(), title, description, content, media, privacy },
    // More than the limit are left out in silence.
    tags: addTags([], splitTags(tags), { settings, newId: () => ids.tag(id) }).slice(0, settings.tagsPerPhoto),
    ...{ postedMs, taken: takenOf(media, postedMs), lastUpdateMs: postedMs },
    ...{ readyMs: postedMs + processingMs, isFailed: false, rotation: 0, license: "0", location: undefined },
    ...{ safetyLevel: traits.safetyLevel ?? "0", contentType: traits.contentType ?? "1" },
    ...{ permComment: "3", permAddMeta: "2" },
  };
}
