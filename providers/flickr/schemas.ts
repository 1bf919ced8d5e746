import * as z from "zod";

/** The shapes of the answers of Flickr, as far as they are read here. Unknown fields are dropped. */
const id = z.string().regex(/^\d{1,20}$/);
/** The service writes numbers as text at times, and none at all for 0. */
const count = z.union([z.number(), z.string(), z.null()]).transform((value) => Number(value ?? 0) || 0);
const text = z.object({ _content: z.string() }).transform(({ _content }) => _content);

/** What every answer says first. */
export const verdict = z.object({
  stat: z.string(),
  code: count.optional(),
  message: z.string().optional(),
});

/** A photo or video as lists show it, with the extras that are asked for. */
export const listedPhoto = z.object({
  id,
  /** Changes when the content does, and not with titles or tags. */
  secret: z.string().min(1),
  title: z.union([z.string(), text]).default(""),
  dateupload: count.optional(),
  datetaken: z.string().optional(),
  datetakenunknown: count.optional(),
  media: z.string().optional(),
  media_status: z.string().optional(),
  originalformat: z.string().optional(),
  url_o: z.string().optional(),
  tags: z.string().default(""),
  machine_tags: z.string().default(""),
});
export type ListedPhoto = z.infer<typeof listedPhoto>;

const pageFields = { page: count, pages: count, total: count };

export const photosPage = z.object({ photos: z.object({ ...pageFields, photo: z.array(listedPhoto).default([]) }) });

export const albumPage = z.object({ photoset: z.object({ ...pageFields, photo: z.array(listedPhoto).default([]) }) });

const listedAlbum = z.object({
  id,
  primary: id.optional(),
  title: text,
  description: text.optional(),
});
export type ListedAlbum = z.infer<typeof listedAlbum>;

export const albumsPage = z.object({
  photosets: z.object({ ...pageFields, photoset: z.array(listedAlbum).default([]) }),
});

export const createdAlbum = z.object({ photoset: z.object({ id }) });

export const photoInfo = z.object({
  photo: z.object({
    id,
    secret: z.string().min(1),
    originalformat: z.string().optional(),
    media: z.string().optional(),
    title: text,
    dates: z.object({ posted: count.optional() }).optional(),
    tags: z.object({ tag: z.array(z.object({ id: z.string().min(1), raw: z.string() })).default([]) }).optional(),
  }),
});
export type PhotoInfo = z.infer<typeof photoInfo>["photo"];

export const photoSizes = z.object({
  sizes: z.object({ size: z.array(z.object({ label: z.string(), source: z.string() })).default([]) }),
});

export const photoContexts = z.object({ set: z.array(z.object({ id })).default([]) });

export const tickets = z.object({
  uploader: z.object({
    ticket: z
      .array(
        z.object({
          id: z.string(),
          complete: count.optional(),
          status: count.optional(),
          invalid: count.optional(),
          photoid: id.optional(),
        }),
      )
      .default([]),
  }),
});

export const tokenCheck = z.object({
  oauth: z.object({
    perms: text,
    user: z.object({ nsid: z.string().min(1), username: z.string().optional(), fullname: z.string().optional() }),
  }),
});

/** For answers of which nothing is read. */
export const anything = z.unknown();
