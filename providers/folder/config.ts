import { isAbsolute, normalize, parse, sep } from "node:path";
import { UsageError } from "../../lib/model/errors.js";

/**
 * What follows `folder:` must be an absolute path by now: the command line has resolved "~" and relative paths, because
 * a provider knows no working directory. Returns it without "." and ".." parts and without needless separators.
 */
export function parseTarget(target: string): string {
  if (target === "") throw new UsageError("folder: needs the path of a directory, such as folder:/mnt/backup");
  if (target.includes("\0")) throw new UsageError("folder: the path of a directory cannot hold a NUL character");
  if (!isAbsolute(target)) {
    throw new UsageError(`folder: needs an absolute path, such as folder:/mnt/backup, not ${JSON.stringify(target)}`);
  }
  const path = normalize(target);
  const isTop = path === parse(path).root;
  return path.endsWith(sep) && !isTop ? path.slice(0, -1) : path;
}
