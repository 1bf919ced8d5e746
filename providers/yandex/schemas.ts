import * as z from "zod";

/** The shapes of the answers of Yandex Disk, as far as they are read here. Unknown fields are dropped. */
const md5 = z.string().regex(/^[0-9a-f]{32}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file or a folder, without what is in it. */
export const item = z.object({
  name: z.string().optional(),
  type: z.string(),
  size: z.number().int().nonnegative().optional(),
  md5: md5.optional(),
  sha256: sha256.optional(),
  resource_id: z.string().min(1).optional(),
  modified: z.string().optional(),
  custom_properties: z.record(z.string(), z.unknown()).nullish(),
  /** Where the content can be fetched from, for some hours. */
  file: z.string().optional(),
});
export type Item = z.infer<typeof item>;

const listedItem = item.extend({ name: z.string().min(1) });
export type ListedItem = z.infer<typeof listedItem>;

/** A folder with some of what is in it; a file has no `_embedded`. */
export const folderPage = z.object({
  type: z.string(),
  resource_id: z.string().min(1).optional(),
  _embedded: z.object({ total: z.number().int().nonnegative(), items: z.array(listedItem) }).optional(),
});
export type FolderPage = z.infer<typeof folderPage>;

/** Some of what is in the trash. */
export const trashPage = z.object({
  _embedded: z.object({
    items: z.array(
      z.object({
        path: z.string(),
        origin_path: z.string().optional(),
        md5: md5.optional(),
        sha256: sha256.optional(),
      }),
    ),
  }),
});
export type TrashItem = z.infer<typeof trashPage>["_embedded"]["items"][number];

/** Where to go on, and how. */
export const link = z.object({
  href: z.string().min(1),
  operation_id: z.string().min(1).optional(),
});
export type Link = z.infer<typeof link>;

export const operation = z.object({ status: z.string() });

export const disk = z.object({
  max_file_size: z.number().nonnegative().optional(),
  paid_max_file_size: z.number().nonnegative().optional(),
  is_paid: z.boolean().optional(),
  user: z
    .object({
      uid: z.union([z.string().min(1), z.number()]).transform(String),
      login: z.string().optional(),
      display_name: z.string().optional(),
    })
    .optional(),
});
export type Disk = z.infer<typeof disk>;

/** What the service says when it refuses. */
export const errorAnswer = z.object({ error: z.string(), description: z.string().optional() });

/** For answers of which nothing is read. */
export const anything = z.unknown();
