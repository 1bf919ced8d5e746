import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { explainErrors } from "../../lib/local/errors.js";
import type { FolderContext } from "../../lib/local/folder-context.js";
import { look } from "../../lib/local/look.js";
import { findOwnFolder, makeOwnFolder, TEMPORARY } from "../../lib/local/own-folder.js";
import { temporaryName } from "../../lib/local/owner.js";
import { placeNew } from "../../lib/local/place-new.js";
import { LocalError } from "../../lib/model/errors.js";
import { formatMarker, parseMarker } from "./schemas.js";

const NAME = "root.json";
const LARGEST_BYTES = 4096;

/** The id in `.trisync/root.json`; undefined when there is none. Rejects when there is one that cannot be read. */
export async function readMarker(context: FolderContext): Promise<string | undefined> {
  return explainErrors("read the marker of", context.root, async () => {
    const folder = await findOwnFolder(context);
    if (folder === undefined) return undefined;
    const absolute = join(folder, NAME);
    const stats = await look(context.files, absolute);
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw new LocalError("refused", `${JSON.stringify(absolute)} is not a file; remove it`);
    return parseMarker(await readText(context, absolute), absolute).id;
  });
}

async function readText({ files }: FolderContext, absolute: string): Promise<string> {
  const handle = await files.open(absolute, "read");
  try {
    const buffer = Buffer.alloc(LARGEST_BYTES);
    let length = 0;
    for (let bytes = -1; bytes !== 0 && length < buffer.length; length += bytes) {
      bytes = await handle.read(buffer, length, buffer.length - length, length);
    }
    return buffer.toString("utf8", 0, length);
  } finally {
    await handle.close();
  }
}

export function newMarkerId(): string {
  return randomUUID();
}

/** Writes the marker whole and durably, or not at all. False when another machine was faster: its marker counts. */
export async function writeMarker(context: FolderContext, id: string): Promise<boolean> {
  return explainErrors("write the marker of", context.root, async () => {
    const temporary = join(await makeOwnFolder(context, TEMPORARY), temporaryName(context, `${id}.marker`));
    const handle = await context.files.open(temporary, "create");
    try {
      await handle.write(Buffer.from(formatMarker({ id })), 0);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (await placeNew(context, temporary, join(await makeOwnFolder(context), NAME))) return true;
    await context.files.unlink(temporary);
    return false;
  });
}
