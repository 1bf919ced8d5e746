import * as z from "zod";

/** The argument types of the published API specification, as strict as the service: unknown fields are refused. */

const ROOT_AS_SLASH = 'Specify the root folder as an empty string rather than as "/".';
const notRootSlash = (path: string): boolean => path !== "/";

const shaped = (pattern: RegExp): z.ZodString =>
  z.string().regex(pattern, `did not match pattern '${pattern.source.replaceAll("[\\s\\S]", "(.|[\\r\\n])")}'`);

const PathROrId = shaped(/^(?:(?:\/[\s\S]*)?|id:[\s\S]*|ns:[0-9]+(?:\/[\s\S]*)?)$/).refine(notRootSlash, ROOT_AS_SLASH);
const PathOrId = shaped(/^(?:\/[\s\S]*|id:[\s\S]*|ns:[0-9]+(?:\/[\s\S]*)?)$/);
const ReadPath = shaped(/^(?:\/[\s\S]*|id:[\s\S]*|rev:[0-9a-f]{9,}|ns:[0-9]+(?:\/[\s\S]*)?)$/);
const WritePath = shaped(/^(?:\/[\s\S]*|ns:[0-9]+(?:\/[\s\S]*)?)$/);
const WritePathOrId = shaped(/^(?:\/[\s\S]*|ns:[0-9]+(?:\/[\s\S]*)?|id:[\s\S]*)$/);
const Rev = shaped(/^[0-9a-f]{9,}$/);
const Hash = z.string().length(64);
const UInt64 = z.int().min(0);
const Flag = z.boolean().default(false);

const Timestamp = shaped(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/)
  .transform((text) => Date.parse(text))
  .refine((ms) => Number.isFinite(ms), "is not a valid timestamp");

/** A union member without a value: the bare tag, or an object with nothing but the tag. */
const member = <Tag extends string>(tag: Tag) =>
  z.union([z.literal(tag), z.strictObject({ ".tag": z.literal(tag) })]).transform((): Tag => tag);

const WriteMode = z.union([
  member("add").transform((kind) => ({ kind })),
  member("overwrite").transform((kind) => ({ kind })),
  z
    .strictObject({ ".tag": z.literal("update"), update: Rev })
    .transform(({ update }) => ({ kind: "update" as const, rev: update })),
]);

const SessionType = z.union([member("sequential"), member("concurrent")]).nullish();
const PropertyGroups = z.array(z.unknown()).nullish();
const TemplateFilter = z
  .union([
    z.strictObject({ ".tag": z.literal("filter_some"), filter_some: z.array(z.string()).min(1) }),
    member("filter_none"),
  ])
  .nullish();

const commitFields = {
  path: WritePathOrId,
  mode: WriteMode.default({ kind: "add" }),
  autorename: Flag,
  client_modified: Timestamp.nullish(),
  mute: Flag,
  property_groups: PropertyGroups,
  strict_conflict: Flag,
};

export const CommitInfo = z.strictObject(commitFields);
export type CommitInfo = z.output<typeof CommitInfo>;

export const UploadArg = z.strictObject({ ...commitFields, content_hash: Hash.nullish() });

const Cursor = z.strictObject({ session_id: z.string(), offset: UInt64 });

export const SessionStartArg = z.strictObject({
  close: Flag,
  session_type: SessionType,
  content_hash: Hash.nullish(),
});

export const SessionStartBatchArg = z.strictObject({
  session_type: SessionType,
  num_sessions: z.int().min(1).max(1000),
});

export const SessionAppendArg = z.strictObject({ cursor: Cursor, close: Flag, content_hash: Hash.nullish() });

export const SessionAppendBatchArg = z.strictObject({
  entries: z.array(z.strictObject({ cursor: Cursor, length: UInt64, close: Flag })).max(1000),
  content_hash: Hash.nullish(),
});

export const SessionFinishArg = z.strictObject({ cursor: Cursor, commit: CommitInfo, content_hash: Hash.nullish() });
export type SessionFinishArg = z.output<typeof SessionFinishArg>;

export const SessionFinishBatchArg = z.strictObject({ entries: z.array(SessionFinishArg).max(1000) });

export const ListFolderArg = z.strictObject({
  path: PathROrId,
  recursive: Flag,
  include_media_info: Flag,
  include_deleted: Flag,
  include_has_explicit_shared_members: Flag,
  include_mounted_folders: z.boolean().default(true),
  limit: z.int().min(1).max(2000).nullish(),
  shared_link: z.strictObject({ url: z.string(), password: z.string().nullish() }).nullish(),
  include_property_groups: TemplateFilter,
  include_non_downloadable_files: z.boolean().default(true),
  include_restorable_info: Flag,
});
export type ListFolderArg = z.output<typeof ListFolderArg>;

export const ListFolderContinueArg = z.strictObject({ cursor: z.string().min(1) });

export const GetMetadataArg = z.strictObject({
  path: ReadPath,
  include_media_info: Flag,
  include_deleted: Flag,
  include_has_explicit_shared_members: Flag,
  include_property_groups: TemplateFilter,
});

export const DownloadArg = z.strictObject({ path: ReadPath, rev: Rev.nullish() });
export const GetTemporaryLinkArg = z.strictObject({ path: ReadPath });

export const DeleteArg = z.strictObject({ path: WritePathOrId, parent_rev: Rev.nullish() });
export type DeleteArg = z.output<typeof DeleteArg>;
export const DeleteBatchArg = z.strictObject({ entries: z.array(DeleteArg).max(1000) });

export const CreateFolderArg = z.strictObject({ path: WritePath, autorename: Flag });
export const CreateFolderBatchArg = z.strictObject({
  paths: z.array(WritePath).max(10_000),
  autorename: Flag,
  force_async: Flag,
});

const relocationFields = { from_path: WritePathOrId, to_path: WritePathOrId };
export const RelocationArg = z.strictObject({
  ...relocationFields,
  allow_shared_folder: Flag,
  autorename: Flag,
  allow_ownership_transfer: Flag,
});
export type RelocationPath = { readonly from_path: string; readonly to_path: string };

const relocationBatchFields = { entries: z.array(z.strictObject(relocationFields)).min(1).max(1000), autorename: Flag };
export const CopyBatchArg = z.strictObject(relocationBatchFields);
export const MoveBatchArg = z.strictObject({ ...relocationBatchFields, allow_ownership_transfer: Flag });

export const PollArg = z.strictObject({ async_job_id: z.string().min(1) });

export const ListRevisionsArg = z.strictObject({
  path: PathOrId,
  mode: z.union([member("path"), member("id")]).default("path"),
  limit: z.int().min(1).max(100).default(10),
  before_rev: Rev.nullish(),
  include_restorable_info: Flag,
});
export const RestoreArg = z.strictObject({ path: WritePath, rev: Rev });

export const EchoArg = z.strictObject({ query: z.string().max(500).default("") });
