import { type Call, header, resolveItem, type Route } from "../call.js";
import { refusal } from "../failures.js";
import { commitBySource } from "./commit-by-source.js";
import { copy } from "./copy.js";
import { createFolder } from "./create-folder.js";
import { remove, removeForGood, restore } from "./delete.js";
import { content, versionContent, versions } from "./download.js";
import { driveJson } from "./drive.js";
import { listChildren, listDelta } from "./listing.js";
import { showItem } from "./show.js";
import { update } from "./update.js";
import { upload } from "./upload.js";
import { uploadMultipart } from "./multipart.js";
import { createSession } from "./upload-session.js";

/** What answers each route that address.ts knows. */
export const ROUTES = {
  drive: driveJson,
  items: new Map<string, Route>([
    ["item", (call) => showItem(call, resolveItem(call))],
    ["children", listChildren],
    ["delta", listDelta],
    ["create-folder", createChild],
    ["update", update],
    ["delete", remove],
    ["permanent-delete", removeForGood],
    ["restore", restore],
    ["upload", upload],
    ["create-session", createSession],
    ["commit-by-source", commitBySource],
    ["content", content],
    ["versions", versions],
    ["version-content", versionContent],
    ["copy", copy],
    ["search", () => Promise.reject(refusal(501, "notSupported", { misuse: "search is late and incomplete" }))],
  ]),
};

function createChild(call: Call): ReturnType<Route> {
  return (header(call, "content-type") ?? "").startsWith("multipart/related")
    ? uploadMultipart(call)
    : createFolder(call);
}
