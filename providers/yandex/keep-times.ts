import { attempt } from "../attempts.js";
import type { Connection } from "./connection.js";
import { lookAtNew } from "./look-many.js";
import { anything, type Item } from "./schemas.js";
import type { Sent } from "./sending.js";
import { hasProperties, toProperties } from "./times.js";

/** Before each further round: the service needs some time to finish with a file that it has just got. */
const PAUSES_MS = [0, 1_500, 3_000];

/**
 * Writes the modification times of local files beside their content. The service may refuse that for some seconds after an
 * upload, or agree and forget it: so it is looked at and repeated, a few times. A time that is lost all the same costs
 * nothing but the time: files are told apart by content. Resolves to what the service shows in the end.
 */
export async function keepTimes(
  connection: Connection,
  stored: ReadonlyMap<Sent, Item>,
  signal: AbortSignal,
): Promise<ReadonlyMap<Sent, Item>> {
  const newest = new Map(stored);
  for (const pauseMs of PAUSES_MS) {
    const without = [...newest].filter(([sent, item]) => !hasTime(sent, item)).map(([sent]) => sent);
    if (without.length === 0) break;
    if (pauseMs > 0) await connection.sleep(pauseMs, signal);
    await Promise.all(without.map((sent) => connection.calls(() => writeTime(connection, sent, signal))));
    const paths = without.map(({ path }) => path);
    const found = await attempt(() => lookAtNew(connection, paths, signal));
    if (!found.ok) break;
    for (const sent of without) {
      const item = found.value.get(sent.path);
      // Somebody else's content by now is none of ours to speak of.
      if (item?.sha256 === newest.get(sent)?.sha256 && item !== undefined) newest.set(sent, item);
    }
  }
  return newest;
}

function hasTime(sent: Sent, item: Item): boolean {
  const properties = propertiesOf(sent);
  return properties === undefined || hasProperties(item, properties);
}

function propertiesOf({ file, sentHash }: Sent): Readonly<Record<string, string>> | undefined {
  return toProperties(file.modifiedMs, sentHash.slice(sentHash.indexOf(":") + 1));
}

async function writeTime({ api }: Connection, sent: Sent, signal: AbortSignal): Promise<void> {
  const about = { operation: "keep the time of", subject: sent.file.path } as const;
  const query = { path: sent.path, fields: "name" };
  const json = { custom_properties: propertiesOf(sent) };
  const call = { ...about, method: "PATCH", route: "/resources", query, json, repeatable: true } as const;
  // The content is stored and verified; a failure here must not make it look as if it were not.
  await attempt(() => api.ask(call, anything, signal));
}
