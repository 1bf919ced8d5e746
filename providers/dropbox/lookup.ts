import type { DropboxApi } from "./api.js";
import { isNotFound } from "./errors.js";
import { metadata, type Metadata } from "./schemas.js";

/** What is at the path or has the id right now; undefined when the service says that nothing is. */
export async function lookUp(api: DropboxApi, path: string, signal: AbortSignal): Promise<Metadata | undefined> {
  const about = { operation: "look at", subject: path };
  const call = { ...about, route: "files/get_metadata", arg: { path }, answer: metadata, repeatable: true };
  try {
    const found = await api.rpc(call, signal);
    return found[".tag"] === "deleted" ? undefined : found;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
