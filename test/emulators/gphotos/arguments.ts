import * as z from "zod";

/** Text whose absence means the same as "", as everywhere in this API. */
const Text = z.string().default("");

/** Integers come as numbers or as text. */
const PageSize = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ])
  .default(0);

/** `pageSize`, `pageToken` and a switch without effect, as query parameters. */
export const ListQuery = z.strictObject({
  pageSize: PageSize,
  pageToken: Text,
  excludeNonAppCreatedData: z.enum(["true", "false"]).optional(),
});

const GoogleDate = z.strictObject({
  year: z.int().min(0).max(9999).default(0),
  month: z.int().min(0).max(12).default(0),
  day: z.int().min(0).max(31).default(0),
});
export type GoogleDate = z.output<typeof GoogleDate>;

const Categories = z
  .array(
    z.enum(
      (
        "NONE LANDSCAPES RECEIPTS CITYSCAPES LANDMARKS SELFIES PEOPLE PETS WEDDINGS BIRTHDAYS DOCUMENTS TRAVEL " +
        "ANIMALS FOOD SPORT NIGHT PERFORMANCES WHITEBOARDS SCREENSHOTS UTILITY ARTS CRAFTS FASHION HOUSES GARDENS " +
        "FLOWERS HOLIDAYS"
      ).split(" "),
    ),
  )
  .max(10)
  .default([]);

const Filters = z.strictObject({
  dateFilter: z
    .strictObject({
      dates: z.array(GoogleDate).max(5).default([]),
      ranges: z
        .array(z.strictObject({ startDate: GoogleDate, endDate: GoogleDate }))
        .max(5)
        .default([]),
    })
    .optional(),
  contentFilter: z
    .strictObject({ includedContentCategories: Categories, excludedContentCategories: Categories })
    .optional(),
  mediaTypeFilter: z
    .strictObject({ mediaTypes: z.array(z.enum(["ALL_MEDIA", "PHOTO", "VIDEO"])).length(1) })
    .optional(),
  featureFilter: z.strictObject({ includedFeatures: z.array(z.enum(["NONE", "FAVORITES"])) }).optional(),
  includeArchivedMedia: z.boolean().default(false),
  excludeNonAppCreatedData: z.boolean().default(false),
});
export type Filters = z.output<typeof Filters>;

export const SearchBody = z.strictObject({
  albumId: Text,
  pageSize: PageSize,
  pageToken: Text,
  filters: Filters.optional(),
  orderBy: z.enum(["", "MediaMetadata.creation_time", "MediaMetadata.creation_time desc"]).default(""),
});
export type SearchBody = z.output<typeof SearchBody>;

export const Position = z.strictObject({
  position: z
    .enum(["POSITION_TYPE_UNSPECIFIED", "FIRST_IN_ALBUM", "LAST_IN_ALBUM", "AFTER_MEDIA_ITEM", "AFTER_ENRICHMENT_ITEM"])
    .default("POSITION_TYPE_UNSPECIFIED"),
  relativeMediaItemId: Text,
  relativeEnrichmentItemId: Text,
});
export type Position = z.output<typeof Position>;

export const NewMediaItem = z.strictObject({
  description: Text,
  simpleMediaItem: z.strictObject({ uploadToken: Text, fileName: Text }),
});
export type NewMediaItem = z.output<typeof NewMediaItem>;

export const CreateItemsBody = z.strictObject({
  albumId: Text,
  newMediaItems: z.array(NewMediaItem).default([]),
  albumPosition: Position.optional(),
});

export const ItemIdsBody = z.strictObject({ mediaItemIds: z.array(z.string()).default([]) });

/** One id comes as text, several as a list. */
export const BatchGetQuery = z.strictObject({
  mediaItemIds: z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]),
});

export const MaskQuery = z.strictObject({ updateMask: Text });

/** As the album comes from a client: members that are the service's to set are let in and mean nothing. */
export const AlbumBody = z.strictObject({
  id: z.string().optional(),
  title: Text,
  productUrl: z.string().optional(),
  isWriteable: z.boolean().optional(),
  mediaItemsCount: z.string().optional(),
  coverPhotoBaseUrl: z.string().optional(),
  coverPhotoMediaItemId: Text,
});

export const CreateAlbumBody = z.strictObject({ album: AlbumBody });

export const ItemBody = z.strictObject({ id: z.string().optional(), description: Text });

const Location = z.strictObject({
  locationName: Text,
  latlng: z.strictObject({ latitude: z.number(), longitude: z.number() }).optional(),
});

export const EnrichmentBody = z.strictObject({
  newEnrichmentItem: z.union([
    z.strictObject({ textEnrichment: z.strictObject({ text: z.string() }) }),
    z.strictObject({ locationEnrichment: z.strictObject({ location: Location }) }),
    z.strictObject({ mapEnrichment: z.strictObject({ origin: Location, destination: Location }) }),
  ]),
  albumPosition: Position.optional(),
});
