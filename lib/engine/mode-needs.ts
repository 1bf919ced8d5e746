import type { Mode } from "../model/mode.js";
import { UsageError } from "../model/errors.js";
import type { Capabilities } from "../../providers/provider.js";
import { sourceOf } from "./decide.js";

/** Throws `UsageError` for a mode that asks of the service what it cannot do at all. */
export function assertModeFits(mode: Mode, capabilities: Capabilities, provider: string): void {
  const fitting = "use --mode backup or --mode outbox";
  if (!capabilities.canDownload && sourceOf(mode) !== "local") {
    throw new UsageError(
      `${provider}: never gives back the files it was sent, so that --mode ${mode} is impossible; ${fitting}`,
    );
  }
  if (!capabilities.canDelete && mode === "mirror") {
    throw new UsageError(`${provider}: lets nobody delete, so that --mode mirror is impossible; ${fitting}`);
  }
}
