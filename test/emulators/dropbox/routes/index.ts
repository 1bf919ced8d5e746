import type { Route } from "../route.js";
import { checkRoutes } from "./check.js";
import { createFolderRoutes } from "./create-folder.js";
import { deleteRoutes } from "./delete.js";
import { downloadRoutes } from "./download.js";
import { finishSessionRoutes } from "./finish-session.js";
import { getMetadataRoutes } from "./get-metadata.js";
import { listFolderRoutes } from "./list-folder.js";
import { relocationRoutes } from "./relocate.js";
import { revisionRoutes } from "./revisions.js";
import { tokenRoutes } from "./token.js";
import { uploadRoutes } from "./upload.js";
import { uploadSessionRoutes } from "./upload-session.js";
import { userRoutes } from "./users.js";

/** Every route of the API that the emulator answers, by name. */
export const ROUTES: ReadonlyMap<string, Route> = new Map(
  [
    ...checkRoutes,
    ...createFolderRoutes,
    ...deleteRoutes,
    ...downloadRoutes,
    ...finishSessionRoutes,
    ...getMetadataRoutes,
    ...listFolderRoutes,
    ...relocationRoutes,
    ...revisionRoutes,
    ...tokenRoutes,
    ...uploadRoutes,
    ...uploadSessionRoutes,
    ...userRoutes,
  ].map((route) => [route.name, route]),
);
