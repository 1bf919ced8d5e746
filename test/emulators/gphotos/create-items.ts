import { sha256Of } from "../shared/bytes.js";
import { noteMisuse } from "../shared/note-misuse.js";
import type { NewMediaItem } from "./arguments.js";
import type { Fault } from "./faults.js";
import type { Item, NewItem } from "./library.js";
import { presentNewItem } from "./present.js";
import type { Call } from "./route.js";
import { sniffMedia } from "./sniff-media.js";
import { isWellFormedToken, type Upload } from "./uploads.js";

/** What became of one new item of a batchCreate. */
export interface CreateOutcome {
  readonly uploadToken: string;
  /** Undefined when nothing was made, or when it is hidden by a fault. */
  readonly item: Item | undefined;
  readonly status: { readonly code?: number; readonly message: string };
}

/** Makes the items one after the other, each for itself. */
export async function createItems(call: Call, newItems: readonly NewMediaItem[]): Promise<readonly CreateOutcome[]> {
  const outcomes: CreateOutcome[] = [];
  for (const [index, newItem] of newItems.entries()) outcomes.push(await createOne(call, newItem, index));
  return outcomes;
}

export function presentOutcome(
  call: Call,
  { uploadToken, item, status }: CreateOutcome,
): Readonly<Record<string, unknown>> {
  const isFailed = (status.code ?? 0) !== 0;
  return {
    uploadToken,
    status,
    ...(item === undefined || isFailed ? {} : { mediaItem: presentNewItem(call.world, item) }),
  };
}

async function createOne(call: Call, newItem: NewMediaItem, index: number): Promise<CreateOutcome> {
  const { uploadToken, fileName } = newItem.simpleMediaItem;
  const fault = failureFor(call.fault, fileName, index);
  if (fault !== undefined && fault.stored !== true) return failed(uploadToken, fault.code, fault.message);
  const upload = usableUpload(call, uploadToken);
  if (upload === undefined) return failed(uploadToken, 3, `Failed: ${FAILURE}`);
  const outcome = await storeItem(call, newItem, upload);
  return fault === undefined ? outcome : failed(uploadToken, fault.code, fault.message);
}

const FAILURE = "There was an error while trying to create this media item.";

function failed(uploadToken: string, code: number, message = `Failed: ${FAILURE}`): CreateOutcome {
  return { uploadToken, item: undefined, status: { code, message } };
}

function failureFor(
  fault: Fault | undefined,
  fileName: string,
  index: number,
): (Fault & { kind: "fail-items" }) | undefined {
  if (fault?.kind !== "fail-items") return undefined;
  const { items, filenames } = fault;
  const isAll = items === undefined && filenames === undefined;
  return isAll || items?.includes(index) === true || filenames?.includes(fileName) === true ? fault : undefined;
}

function usableUpload(call: Call, token: string): Upload | undefined {
  const { uploads, settings } = call.world;
  if (call.fault?.kind === "lapsed-tokens") return undefined;
  if (!isWellFormedToken(token)) noteMisuse(call, "a token that no upload gave");
  const upload = uploads.upload(token);
  if (upload?.accountId !== call.account.accountId || !uploads.isCurrent(upload)) return undefined;
  return upload.uses > 0 && settings.usedUploadTokens === "refuse" ? undefined : upload;
}

async function storeItem(call: Call, newItem: NewMediaItem, upload: Upload): Promise<CreateOutcome> {
  const { account, world } = call;
  const { uploadToken } = newItem.simpleMediaItem;
  const media = await sniffMedia(upload.bytes);
  const { sizeBytes } = upload.bytes;
  const limit = media?.kind === "video" ? world.settings.videoBytes : world.settings.photoBytes;
  if (media === undefined || sizeBytes > limit) {
    upload.uses += 1;
    return failed(uploadToken, 3, `${sizeBytes === 0 ? "NOT_IMAGE" : "BAD_IMAGE"}: ${FAILURE}`);
  }
  const sha256 = await sha256Of(upload.bytes);
  const known = account.library.bySha256(sha256);
  if (known?.origin === "user" && world.settings.userItems === "refused") {
    return failed(uploadToken, 3, `Failed: ${FAILURE}`);
  }
  const { storageBytes } = world.settings;
  if (Number.isFinite(storageBytes) && known === undefined && account.library.usedBytes + sizeBytes > storageBytes) {
    return failed(
      uploadToken,
      8,
      "The remaining storage in the user's account is not enough to perform this operation.",
    );
  }
  upload.uses += 1;
  const made = describeNewItem(call, { newItem, upload, media, sha256 });
  if (call.fault?.kind === "phantom-items") return succeeded(uploadToken, phantom(made, world.chance.letters(75)));
  const item = account.library.addItem(made);
  if (item.origin === "user" && world.settings.userItems === "visible") item.isAdopted = true;
  if (item.isTrashed && world.settings.trashedItems === "restored") item.isTrashed = false;
  return succeeded(uploadToken, item);
}

function succeeded(uploadToken: string, item: Item): CreateOutcome {
  return { uploadToken, item, status: { message: "Success" } };
}

function describeNewItem(
  { world }: Call,
  { newItem, upload, media, sha256 }: { newItem: NewMediaItem; upload: Upload } & Pick<NewItem, "media" | "sha256">,
): NewItem {
  const nowMs = world.clock.nowMs();
  // The name in the request wins over the header of the upload; without both it becomes a date.
  const dated = `${new Date(nowMs).toISOString().slice(0, 10)}.${media.mimeType.split("/")[1] ?? "bin"}`;
  const named = newItem.simpleMediaItem.fileName;
  return {
    origin: "app",
    bytes: upload.bytes,
    sha256,
    media,
    filename: named === "" ? (upload.filename ?? dated) : named,
    createdMs: media.exif?.takenMs ?? nowMs,
    uploadedMs: nowMs,
    description: newItem.description,
  };
}

function phantom(made: NewItem, letters: string): Item {
  const state = { isAdopted: false, isTrashed: false, isArchived: false, isFavorite: false };
  return { ...made, ...state, isBroken: false, isFailed: false, id: `A${letters}` };
}
