import type { Route } from "../route.js";
import { deleteResource } from "./delete.js";
import { disk } from "./disk.js";
import { downloadLink } from "./download.js";
import { flatList, lastUploaded, publicList } from "./lists.js";
import { operations } from "./operations.js";
import { patchResource } from "./patch.js";
import { publish, unpublish } from "./publish.js";
import { copy, move } from "./relocate.js";
import { getResource, putResource } from "./resources.js";
import { deleteTrash, getTrash, restore } from "./trash.js";
import { uploadByUrl, uploadLink } from "./upload.js";

const ALL: readonly Route[] = [
  ...[disk, getResource, putResource, patchResource, deleteResource, move, copy],
  ...[uploadLink, uploadByUrl, downloadLink, flatList, lastUploaded, publicList, publish, unpublish],
  ...[operations, getTrash, restore, deleteTrash],
];

/** Every route of the API, by its name. */
export const ROUTES: ReadonlyMap<string, Route> = new Map(ALL.map((route) => [route.name, route]));

/** The places there are, to tell a wrong method from an unknown address. */
export const PLACES: ReadonlySet<string> = new Set(ALL.map(({ name }) => name.replace(/^[A-Z]+ /, "")));
