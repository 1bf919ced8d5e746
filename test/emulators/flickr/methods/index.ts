import type { Method } from "../route.js";
import { accountMethods } from "./account.js";
import { photoListMethods } from "./photo-lists.js";
import { photoMethods } from "./photos.js";
import { photoWriteMethods } from "./photo-writes.js";
import { photosetMethods } from "./photosets.js";
import { photosetWriteMethods } from "./photoset-writes.js";
import { searchMethods } from "./search.js";
import { tagMethods } from "./tags.js";

/** Every method there is, by its whole name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  [
    ...accountMethods,
    ...photoListMethods,
    ...photoMethods,
    ...photoWriteMethods,
    ...photosetMethods,
    ...photosetWriteMethods,
    ...searchMethods,
    ...tagMethods,
  ].map((method) => [`flickr.${method.name}`, method]),
);
