import type { MediaTypes } from "./options.js";
import { parseBoolean } from "./parse-boolean.js";

/** What `parseMedia` takes, for messages. */
export const MEDIA_FORM = 'must be "all", "photos" or "videos"';

/** "false" is a way to say that there is no such limit, and a plain "true" means both types. */
export function parseMedia(text: string): MediaTypes | "none" | undefined {
  if (text === "all" || text === "photos" || text === "videos") return text;
  const yesOrNo = parseBoolean(text);
  return yesOrNo === undefined ? undefined : yesOrNo ? "all" : "none";
}
