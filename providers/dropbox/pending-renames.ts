import * as z from "zod";
import { ProviderError } from "../../lib/model/errors.js";
import type { SyncPath } from "../../lib/model/path.js";
import type { Connection } from "./connection.js";
import { lookUp } from "./lookup.js";
import { parseJson, remember } from "../memory.js";
import { foldPath, remotePath } from "./paths.js";
import { relocate } from "./relocate.js";
import type { Metadata } from "./schemas.js";

/** A rename that changes only the case of a name, in two steps. */
export interface CaseRename {
  readonly id: string;
  readonly from: SyncPath;
  readonly to: SyncPath;
}

export interface PendingRenames {
  /** Resolves to the entry at its new place. Where the second step fails, the first is taken back. */
  rename(rename: CaseRename, signal: AbortSignal): Promise<Metadata>;
  /** Ends what an earlier run has begun. Costs no request when there is nothing. */
  complete(signal: AbortSignal): Promise<void>;
}

const PREFIX = "rename:";

const pending = z.object({ from: z.string(), temporary: z.string(), to: z.string() });
type Pending = z.infer<typeof pending>;

export function createPendingRenames(connection: Connection): PendingRenames {
  const { api, root, memory } = connection;

  async function step(id: string, to: string, signal: AbortSignal): Promise<Metadata> {
    const [outcome] = await relocate(connection, [{ from: id, to, subject: to }], signal);
    if (outcome?.ok === true) return outcome.value.success;
    // The answer of an earlier try may have been lost.
    const found = await lookUp(api, id, signal);
    if (found?.path_lower !== undefined && foldPath(found.path_lower) === foldPath(to)) return found;
    throw outcome?.error ?? new ProviderError("malformed", `move ${to}: Dropbox did not say what became of it`);
  }

  async function secondStep(id: string, { from, to }: Pending, signal: AbortSignal): Promise<Metadata> {
    try {
      return await step(id, to, signal);
    } catch (error) {
      signal.throwIfAborted();
      await step(id, from, signal);
      throw error;
    }
  }

  async function completeOne(id: string, plan: Pending, signal: AbortSignal): Promise<void> {
    const found = await lookUp(api, id, signal);
    const isHalfWay = found?.path_lower !== undefined && foldPath(found.path_lower) === foldPath(plan.temporary);
    if (isHalfWay) await secondStep(id, plan, signal);
  }

  return {
    rename: async ({ id, from, to }, signal) => {
      const source = remotePath(root.path, from);
      const plan = { from: source, temporary: temporaryFor(source, id), to: remotePath(root.path, to) };
      remember(memory, PREFIX + id, plan);
      await step(id, plan.temporary, signal);
      const renamed = await secondStep(id, plan, signal);
      memory.set(PREFIX + id, undefined);
      return renamed;
    },
    complete: async (signal) => {
      for (const [name, text] of memory.entries(PREFIX)) {
        const plan = parseJson(text, pending);
        if (plan !== undefined) await completeOne(name.slice(PREFIX.length), plan, signal);
        memory.set(name, undefined);
      }
    },
  };
}

/** In the same folder, and told by its id, so that two renames never meet. */
function temporaryFor(path: string, id: string): string {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return `${folder}.trisync-rename-${id.replace(/[^A-Za-z0-9]/g, "").slice(-16)}`;
}
