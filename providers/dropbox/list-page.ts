import type { Subject } from "../refusals.js";
import type { DropboxApi } from "./api.js";
import { listFolderResult, type ListFolderResult } from "./schemas.js";

/** The most that the service gives at once; pages may be much smaller, and even empty. */
const PAGE_ENTRIES = 2000;

export type PageRequest =
  | { readonly about: Subject; readonly path: string; readonly isRecursive: boolean }
  | { readonly about: Subject; readonly cursor: string };

/** The first page of a listing, or the one that a cursor stands for. */
export async function listPage(api: DropboxApi, request: PageRequest, signal: AbortSignal): Promise<ListFolderResult> {
  const { about } = request;
  if ("cursor" in request) {
    const call = { ...about, route: "files/list_folder/continue", arg: { cursor: request.cursor } };
    return await api.rpc({ ...call, answer: listFolderResult, repeatable: true }, signal);
  }
  // Online documents are asked for, so that they are reported instead of being taken for deleted.
  const arg = {
    path: request.path,
    recursive: request.isRecursive,
    limit: PAGE_ENTRIES,
    include_non_downloadable_files: true,
  };
  const call = { ...about, route: "files/list_folder", arg, answer: listFolderResult, repeatable: true };
  return await api.rpc(call, signal);
}
