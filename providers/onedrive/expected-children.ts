import type { DriveItem } from "./schemas.js";

/**
 * Which folders of a listing came without all of their children. Of a folder that was moved here from elsewhere, a listing of
 * changes shows the folder alone; a complete one has shown its children at the old place already.
 */
export class ExpectedChildren {
  readonly #folders = new Map<string, { readonly count: number; seen: number }>();

  /** Folders of which there are children still to come. */
  get folders(): readonly string[] {
    return [...this.#folders.keys()];
  }

  /** So many children of this folder come in the same listing, or have to be asked for. */
  expect({ id, folder }: DriveItem): void {
    // Where the service does not say how many there are, only a look can tell.
    const count = folder?.childCount ?? Number.POSITIVE_INFINITY;
    if (count > 0) this.#folders.set(id, { count, seen: 0 });
  }

  /** Only a look into this folder tells what is in it. */
  expectLook(folderId: string): void {
    this.#folders.set(folderId, { count: Number.POSITIVE_INFINITY, seen: 0 });
  }

  /** A child of this folder came. */
  count(folderId: string): void {
    const children = this.#folders.get(folderId);
    if (children === undefined) return;
    children.seen += 1;
    if (children.seen >= children.count) this.#folders.delete(folderId);
  }

  /** Nothing more of this folder has to come: all its children were taken in, or it is gone. */
  settle(folderId: string): void {
    this.#folders.delete(folderId);
  }
}
