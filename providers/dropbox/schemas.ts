import * as z from "zod";

/**
 * The shapes of Dropbox's answers, as far as they are read here. Unknown fields are dropped; unknown tags are kept
 * apart as "unknown", because every union of this service may grow.
 */
const fileFields = {
  name: z.string(),
  id: z.string(),
  rev: z.string(),
  size: z.number().int().nonnegative(),
  client_modified: z.string(),
  content_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  path_lower: z.string().optional(),
  path_display: z.string().optional(),
  is_downloadable: z.boolean().optional(),
  symlink_info: z.object({}).optional(),
};

/** What an upload or a download answers: a file without a tag. */
export const fileMetadata = z.object(fileFields);
export type FileMetadata = z.infer<typeof fileMetadata>;

const taggedFile = z.object({ ".tag": z.literal("file"), ...fileFields });

const taggedFolder = z.object({
  ".tag": z.literal("folder"),
  name: z.string(),
  id: z.string(),
  path_lower: z.string().optional(),
  path_display: z.string().optional(),
  sharing_info: z.object({ no_access: z.boolean().optional() }).optional(),
});

/** What creating a folder answers: a folder, with or without a tag. */
export const folderMetadata = taggedFolder.omit({ ".tag": true });
export type FolderMetadata = z.infer<typeof folderMetadata>;

const taggedDeleted = z.object({
  ".tag": z.literal("deleted"),
  name: z.string(),
  path_lower: z.string().optional(),
  path_display: z.string().optional(),
});

const KNOWN_KINDS: readonly string[] = ["file", "folder", "deleted"];

const unknownKind = z
  .object({
    ".tag": z.string().refine((tag) => !KNOWN_KINDS.includes(tag)),
    name: z.string().optional(),
    path_lower: z.string().optional(),
    path_display: z.string().optional(),
  })
  .transform((entry) => ({ ...entry, ".tag": "unknown" as const }));

export const metadata = z.union([z.discriminatedUnion(".tag", [taggedFile, taggedFolder, taggedDeleted]), unknownKind]);
export type Metadata = z.infer<typeof metadata>;

export const listFolderResult = z.object({
  entries: z.array(metadata),
  cursor: z.string().min(1),
  has_more: z.boolean(),
});
export type ListFolderResult = z.infer<typeof listFolderResult>;

export const currentAccount = z.object({
  account_id: z.string().min(1),
  name: z.object({ display_name: z.string() }).optional(),
  email: z.string().optional(),
  root_info: z.object({
    ".tag": z.string(),
    root_namespace_id: z.string().min(1),
    home_namespace_id: z.string().min(1),
  }),
});
export type CurrentAccount = z.infer<typeof currentAccount>;

/** The answer of routes that return nothing. */
export const nothing = z.unknown();

export const startedSession = z.object({ session_id: z.string().min(1) });
export const startedSessions = z.object({ session_ids: z.array(z.string().min(1)) });

/** One of many: `failure` is left as it came, because its tags are read by `tagsOf`. */
const failed = z.object({ ".tag": z.literal("failure"), failure: z.unknown() });

export const appendBatchResult = z.object({
  entries: z.array(z.union([z.object({ ".tag": z.literal("success") }), failed])),
});

export const finishBatchResult = z.object({
  entries: z.array(z.union([z.object({ ".tag": z.literal("success"), ...fileFields }), failed])),
});

/** What starting or checking a batch answers; batches of some kinds end at once, others are asked for again. */
function job<T extends z.ZodType>(entry: T) {
  return z.discriminatedUnion(".tag", [
    z.object({ ".tag": z.literal("async_job_id"), async_job_id: z.string().min(1) }),
    z.object({ ".tag": z.literal("in_progress") }),
    z.object({ ".tag": z.literal("complete"), entries: z.array(z.union([entry, failed])) }),
    z.object({ ".tag": z.literal("failed"), failed: z.unknown() }),
    z.object({ ".tag": z.literal("other") }),
  ]);
}

export type JobAnswer<T> =
  | { readonly ".tag": "async_job_id"; readonly async_job_id: string }
  | { readonly ".tag": "in_progress" }
  | { readonly ".tag": "complete"; readonly entries: readonly (T | FailedEntry)[] }
  | { readonly ".tag": "failed"; readonly failed: unknown }
  | { readonly ".tag": "other" };
export type FailedEntry = z.infer<typeof failed>;

const createdFolder = z.object({ ".tag": z.literal("success"), metadata: folderMetadata });
export const createFolderJob = job(createdFolder);
export type CreatedFolder = z.infer<typeof createdFolder>;

const deleted = z.object({ ".tag": z.literal("success") });
export const deleteJob = job(deleted);
export type Deleted = z.infer<typeof deleted>;

const moved = z.object({ ".tag": z.literal("success"), success: metadata });
export const moveJob = job(moved);
export type Moved = z.infer<typeof moved>;
