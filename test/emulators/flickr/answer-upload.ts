import { type Media, sniffMedia } from "../gphotos/sniff-media.js";
import type { Answer } from "../shared/answer.js";
import { header } from "../shared/header.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { Account } from "./accounts.js";
import { htmlAnswer } from "./answer.js";
import { type Exchange, type FilePart, isEncrypted } from "./exchange.js";
import { ApiFailure, commonFailure, PageFailure } from "./failures.js";
import { newPhoto } from "./new-photo.js";
import { checkCaller } from "./oauth-check.js";
import { type Photo, type PhotoMedia, takenOf, toPhotoMedia } from "./photo.js";
import { isPrivate } from "./photo.js";
import { element, xmlAnswer } from "./rest-format.js";
import { allows } from "./tokens.js";

const COMMON_FIELDS = ["async", "api_key"];
const UPLOAD_FIELDS: ReadonlySet<string> = new Set([
  ...COMMON_FIELDS,
  ...["title", "description", "tags", "is_public", "is_friend", "is_family"],
  ...["safety_level", "content_type", "hidden", "dedup_check"],
]);
const REPLACE_FIELDS: ReadonlySet<string> = new Set([...COMMON_FIELDS, "photo_id"]);

/** The upload host: one form with a file; the answer is always XML. */
export async function answerUpload(exchange: Exchange): Promise<Answer> {
  const { logged } = exchange;
  if (logged.route !== "upload" && logged.route !== "replace") {
    noteMisuse(exchange, "there is nothing here on the upload host");
    return htmlAnswer(404, "Page Not Found");
  }
  const account = checkUploader(exchange);
  const file = checkForm(exchange);
  const media = await sniffMedia(file.bytes);
  checkFile(exchange, account, { file, media });
  return logged.route === "upload"
    ? upload(exchange, account, { file, media })
    : replace(exchange, account, { file, media });
}

interface Sent {
  readonly file: FilePart;
  /** Undefined for what is neither a picture nor a film. */
  readonly media: Media | undefined;
}

function checkUploader(exchange: Exchange): Account {
  const { logged, world } = exchange;
  if (logged.method !== "POST") {
    noteMisuse(exchange, `called by ${logged.method}`);
    throw new PageFailure(405, "Method Not Allowed");
  }
  if (world.settings.requireTls && !isEncrypted(exchange)) throw commonFailure(95, true);
  const { account, perms } = checkCaller(exchange);
  if (account === undefined || !allows(perms, "write")) throw commonFailure(99);
  return account;
}

function checkForm(exchange: Exchange): FilePart {
  const { fields, files, logged } = exchange;
  if (header(exchange, "content-length") === undefined) noteMisuse(exchange, "an upload without Content-Length");
  if (!exchange.isWellFormed) noteMisuse(exchange, "a body that is no complete form");
  const known = logged.route === "upload" ? UPLOAD_FIELDS : REPLACE_FIELDS;
  for (const name of Object.keys(fields.arguments())) {
    if (!known.has(name)) noteMisuse(exchange, `there is no field ${name}`);
  }
  const file = files.get("photo");
  if (file === undefined) throw new ApiFailure(2, "No photo specified", { isMisuse: true });
  if (file.contentType === undefined) noteMisuse(exchange, "a photo part without Content-Type");
  const hasTitle = fields.get("title") !== undefined || logged.route === "replace";
  if (!hasTitle && !/^[\x20-\x7e]*$/.test(file.filename)) noteMisuse(exchange, "a title from a file name beyond ASCII");
  logged.argument = { ...logged.argument, photo: `${file.filename}, ${String(file.bytes.sizeBytes)} bytes` };
  return file;
}

/** What is refused at once, even where the rest of the work is done later. */
function checkFile({ fields, logged, world }: Exchange, account: Account, { file, media }: Sent): void {
  const { photoBytes, videoBytes, videosDisabled } = world.settings;
  const isVideo = media?.kind === "video";
  const { sizeBytes } = file.bytes;
  if (sizeBytes === 0) throw new ApiFailure(4, "Filesize was zero", { isMisuse: true });
  if (isVideo && videosDisabled) throw new ApiFailure(0, "Video uploads are disabled");
  if (sizeBytes > (isVideo ? videoBytes : photoBytes)) throw new ApiFailure(8, "Filesize was too large");
  if (media === undefined && fields.get("async") !== "1") throw new ApiFailure(5, "Filetype was not recognised");
  if (logged.route === "upload") checkLimits({ fields, world }, account, isVideo);
}

function checkLimits(
  { fields, world }: Pick<Exchange, "fields" | "world">,
  { library }: Account,
  isVideo: boolean,
): void {
  const { freeItems, freePrivateItems, plan, videosPerAccount } = world.settings;
  const { photos } = library;
  const isFree = plan === "free";
  const videos = photos.filter(({ media }) => media.kind === "video").length;
  if (isVideo && videos >= videosPerAccount) throw new ApiFailure(7, "User exceeded video upload limit");
  const isFull = isFree && photos.length >= freeItems;
  if (isFull) throw new ApiFailure(isVideo ? 7 : 6, "Upload limit reached");
  const isMorePrivate = isFree && fields.get("is_public") === "0";
  if (isMorePrivate && photos.filter(isPrivate).length >= freePrivateItems) {
    throw new ApiFailure(6, "Upload limit reached");
  }
}

function upload(exchange: Exchange, account: Account, { file, media: sniffed }: Sent): Answer {
  const { fault, fields, world } = exchange;
  checkDuplicate(exchange, account, file);
  const media = toPhotoMedia(sniffed);
  const store = (): Photo | undefined => {
    if (media === undefined) return undefined;
    const content = { bytes: file.bytes, sha256: file.sha256 };
    const photo = newPhoto(world, account, { ...uploadedTraits(exchange, file), content, media });
    account.library.add(photo);
    return photo;
  };
  if (fault?.kind === "phantom") return photoAnswer(exchange, phantom(exchange));
  return fields.get("async") === "1" ? ticketAnswer(exchange, store) : storedAnswer(exchange, store());
}

/** `dedup_check` compares by content; without it, doubles are taken in silence. */
function checkDuplicate({ fields, world }: Exchange, { library }: Account, { sha256 }: FilePart): void {
  const { duplicateId } = world.settings;
  if (!["1", "2"].includes(fields.get("dedup_check") ?? "")) return;
  const double = library.photos.find(({ content }) => content.sha256 === sha256);
  if (double === undefined) return;
  const found = { duplicate_photo_id: double.id, duplicate_photo_status: "0" };
  throw new ApiFailure(9, "Duplicate", duplicateId === "element" ? { elements: found } : { attributes: found });
}

function uploadedTraits(exchange: Exchange, { filename }: FilePart) {
  const { fields, world } = exchange;
  const isOn = (name: string, standard: boolean): boolean => {
    const value = fields.get(name) ?? "9";
    return value === "9" ? standard : value === "1";
  };
  return {
    title: fields.get("title") ?? titleOf(filename),
    description: fields.get("description"),
    tags: fields.get("tags"),
    privacy: {
      isPublic: isOn("is_public", world.settings.defaultPrivacy === "public"),
      isFriend: isOn("is_friend", false),
      isFamily: isOn("is_family", false),
    },
    safetyLevel: fields.get("safety_level"),
    contentType: fields.get("content_type"),
  };
}

/** The file name without its extension. */
function titleOf(filename: string): string {
  return filename.replace(/^.*[/\\]/s, "").replace(/\.[^.]+$/, "");
}

/** The id stays, and with it title, tags and sets; the secrets change. */
function replace(exchange: Exchange, account: Account, { file, media: sniffed }: Sent): Answer {
  const { fields, world } = exchange;
  if (world.settings.plan === "free") throw new ApiFailure(1, "Not a Pro account");
  const photo = account.library.photo(fields.get("photo_id") ?? "");
  if (photo === undefined) throw new ApiFailure(3, "General upload failure: photo not found");
  if (photo.media.kind === "video" || sniffed?.kind === "video") {
    throw new ApiFailure(8, "Videos cannot be replaced", { isMisuse: true });
  }
  const media = toPhotoMedia(sniffed);
  const store = (): Photo | undefined => {
    if (media === undefined || account.library.photo(photo.id) === undefined) return undefined;
    account.library.change(photo, replacement(exchange, photo, { file, media }));
    return photo;
  };
  return fields.get("async") === "1" ? ticketAnswer(exchange, store) : storedAnswer(exchange, store());
}

function replacement(
  { world }: Exchange,
  photo: Photo,
  { file, media }: { readonly file: FilePart; readonly media: PhotoMedia },
): Partial<Photo> {
  const { clock, ids, settings } = world;
  const nowMs = clock.nowMs();
  return {
    content: { bytes: file.bytes, sha256: file.sha256 },
    media,
    secret: ids.secret(),
    originalSecret: ids.secret(),
    readyMs: nowMs + settings.photoProcessingMs,
    taken: settings.replacedDateTaken === "follows" ? takenOf(media, nowMs) : photo.taken,
  };
}

function ticketAnswer({ fault, world }: Exchange, store: () => Photo | undefined): Answer {
  const id = world.ids.ticket();
  const fails = fault?.kind === "fail-ticket";
  world.tickets.add(id, () => (fails ? undefined : store()?.id));
  return xmlAnswer("ok", element("ticketid", { _content: id }));
}

function storedAnswer(exchange: Exchange, photo: Photo | undefined): Answer {
  if (photo === undefined) throw new ApiFailure(5, "Filetype was not recognised");
  return photoAnswer(exchange, photo);
}

function photoAnswer({ world }: Exchange, { id, originalSecret, secret }: Stored): Answer {
  const secrets = world.settings.uploadSecrets ? { secret, originalsecret: originalSecret } : {};
  return xmlAnswer("ok", element("photoid", { ...secrets, _content: id }));
}

type Stored = Pick<Photo, "id" | "secret" | "originalSecret">;

function phantom({ world: { ids } }: Exchange): Stored {
  return { id: ids.photo(), secret: ids.secret(), originalSecret: ids.secret() };
}
