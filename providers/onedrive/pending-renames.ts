import { randomUUID } from "node:crypto";
import * as z from "zod";
import { jsonBody } from "./api.js";
import type { Connection } from "./connection.js";
import { isNameTaken, isNotFound } from "./errors.js";
import { lookUp } from "./lookup.js";
import { parseJson, remember } from "../memory.js";
import { itemAddress } from "./paths.js";
import type { FoundRoot } from "./root.js";
import { changedItem, type DriveItem } from "./schemas.js";

export interface Rename {
  readonly id: string;
  readonly name: string;
  /** For messages. */
  readonly path: string;
}

const PREFIX = "rename:";
const pending = z.object({ name: z.string(), path: z.string(), temporary: z.string() });
type Pending = Rename & z.infer<typeof pending>;

/**
 * Some drives do not rename where only the case changes, so the item takes a detour through a temporary name. That is remembered
 * first: a run that ends in between leaves the second half to the next one.
 */
export async function renameByDetour(
  connection: Connection,
  root: FoundRoot,
  rename: Rename,
  signal: AbortSignal,
): Promise<DriveItem> {
  const { id, name, path } = rename;
  const temporary = `${name} ${randomUUID().slice(0, 8)}`;
  remember(connection.memory, PREFIX + id, { name, path, temporary });
  await patchName(connection, root, { ...rename, name: temporary }, signal);
  const renamed = await patchName(connection, root, rename, signal);
  connection.memory.set(PREFIX + id, undefined);
  return renamed;
}

/** Gives back their names to items that an earlier run left on the way. */
export async function completeRenames(connection: Connection, root: FoundRoot, signal: AbortSignal): Promise<void> {
  for (const [key, text] of connection.memory.entries(PREFIX)) {
    const rename = parseJson(text, pending);
    if (rename !== undefined) await complete(connection, root, { ...rename, id: key.slice(PREFIX.length) }, signal);
    connection.memory.set(key, undefined);
  }
}

async function complete(connection: Connection, root: FoundRoot, rename: Pending, signal: AbortSignal): Promise<void> {
  const { api } = connection;
  const found = await lookUp(api, itemAddress(root.drive.id, rename.id), { subject: rename.path }, signal);
  // It was never on the way, has arrived, or bears a name that somebody has given it since.
  if (found?.name !== rename.temporary) return;
  try {
    await patchName(connection, root, rename, signal);
  } catch (error) {
    // Gone, or its name was given away in the meantime: it stays what it is, and is synchronised so.
    if (!isNotFound(error) && !isNameTaken(error)) throw error;
  }
}

async function patchName(
  { api }: Connection,
  { drive }: FoundRoot,
  { id, name, path: subject }: Rename,
  signal: AbortSignal,
): Promise<DriveItem> {
  const path = itemAddress(drive.id, id);
  const body = jsonBody({ name, "@microsoft.graph.conflictBehavior": "fail" });
  const about = { operation: "move", subject, method: "PATCH", path, body, repeatable: true } as const;
  const { id: changed, ...rest } = await api.call({ ...about, answer: changedItem }, signal);
  if (changed !== undefined) return { ...rest, id: changed };
  const found = await lookUp(api, path, { subject }, signal);
  return found ?? { id };
}
