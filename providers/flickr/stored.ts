import type { HttpAnswer } from "../../lib/http/types.js";
import { ProviderError } from "../../lib/model/errors.js";
import { wordsFor, type Subject } from "../refusals.js";
import { toServiceError, type Meanings } from "./errors.js";

/** What an upload or a replacement came to: the service answers in XML there. */
export type Stored =
  | { readonly kind: "photo"; readonly id: string; readonly secret: string | undefined }
  | { readonly kind: "ticket"; readonly ticket: string }
  /** The account holds the content already: only where that was asked about. */
  | { readonly kind: "duplicate"; readonly id: string | undefined };

/** Rejects with `ServiceError`; with "unavailable" for what is no whole answer, after which the content may be stored all the same. */
export function readStored(answer: HttpAnswer, about: Subject, meanings: Meanings): Stored {
  if (answer.status === 413) throw new ProviderError("rejected", `${wordsFor(about)}: it is too large for Flickr`);
  const { text } = answer;
  const isWhole = /<\/rsp>\s*$/.test(text);
  if (isWhole && /<rsp\b[^>]*\bstat="ok"/.test(text)) {
    const photo = /<photoid\b([^>]*)>\s*(\d{1,20})\s*<\/photoid>/.exec(text);
    if (photo?.[2] !== undefined) return { kind: "photo", id: photo[2], secret: attribute(photo[1] ?? "", "secret") };
    const ticket = /<ticketid>\s*([\w-]{1,80})\s*<\/ticketid>/.exec(text)?.[1];
    if (ticket !== undefined) return { kind: "ticket", ticket };
  }
  const error = isWhole ? /<err\b([^>]*)/.exec(text)?.[1] : undefined;
  const number = Number(attribute(error ?? "", "code"));
  if (error === undefined || Number.isNaN(number)) throw unclear(about);
  if (number === 9) return { kind: "duplicate", id: /duplicate_photo_id[>="\s]*(\d{1,20})/.exec(text)?.[1] };
  throw toServiceError(number, attribute(error, "msg"), about, meanings);
}

function attribute(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1];
}

function unclear(about: Subject): ProviderError {
  return new ProviderError(
    "unavailable",
    `${wordsFor(about)}: Flickr's answer is cut off or none of its own; run again later`,
  );
}
