import * as z from "zod";

/**
 * The shapes of Microsoft Graph's answers, as far as they are read here. Unknown fields are dropped. A facet that does not
 * apply is missing, and at times null, which means the same.
 */
function facet<T extends z.ZodType>(schema: T) {
  return schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)
  .optional();

const parentReference = facet(z.object({ id: text, driveId: text }));

const empty = facet(z.object({}));

export const driveItem = z.object({
  id: z.string().min(1),
  name: text,
  size: facet(z.number().nonnegative()),
  eTag: text,
  parentReference,
  root: empty,
  deleted: empty,
  malware: empty,
  file: facet(z.object({ hashes: facet(z.object({ quickXorHash: text, sha256Hash: text, sha1Hash: text })) })),
  folder: facet(z.object({ childCount: facet(z.number()) })),
  package: facet(z.object({ type: text })),
  remoteItem: facet(z.object({ folder: empty })),
  fileSystemInfo: facet(z.object({ lastModifiedDateTime: text })),
  "@microsoft.graph.downloadUrl": text,
});
export type DriveItem = z.infer<typeof driveItem>;

/** What a change answers: the item, or nothing. */
export const changedItem = driveItem.partial({ id: true });
export type ChangedItem = z.infer<typeof changedItem>;

/** Only an item that lives in the drive itself; fields that are asked for with `$select`. */
export const ITEM_FIELDS =
  "id,name,size,eTag,parentReference,root,deleted,malware,file,folder,package,remoteItem,fileSystemInfo";

export const itemPage = z.object({
  value: z.array(driveItem),
  "@odata.nextLink": text,
  "@odata.deltaLink": text,
});
export type ItemPage = z.infer<typeof itemPage>;

export const drive = z.object({
  id: z.string().min(1),
  driveType: text,
  name: text,
  owner: facet(
    z.object({
      user: facet(z.object({ displayName: text, email: text })),
      group: facet(z.object({ displayName: text })),
    }),
  ),
});
export type Drive = z.infer<typeof drive>;

export const uploadSession = z.object({
  uploadUrl: z.string().min(1),
  nextExpectedRanges: facet(z.array(z.string())),
});
export type UploadSession = z.infer<typeof uploadSession>;

/** What a stored range and a look at a session answer. */
export const sessionStatus = z.object({ nextExpectedRanges: facet(z.array(z.string())) });

export const batchAnswer = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: facet(z.record(z.string(), z.unknown())),
      body: z.unknown().optional(),
    }),
  ),
});

/** The answer of calls that return nothing. */
export const nothing = z.unknown();
