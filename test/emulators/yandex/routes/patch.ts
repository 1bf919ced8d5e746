import { collectAll } from "../../shared/bytes.js";
import type { Entry, Properties } from "../entries.js";
import { ApiError, badField, notFound } from "../failures.js";
import { assertUnlocked, type Call, diskPath, type Route } from "../route.js";
import { describeFor } from "./resources.js";

/** Sets and removes custom properties, key by key. */
export const patchResource: Route = {
  name: "PATCH resources",
  scope: "write",
  params: ["path"],
  takesBody: true,
  run: async (call) => {
    const changes = await readChanges(call);
    const parts = diskPath(call, "path", "write");
    const entry = call.account.disk.find(parts);
    if (entry === undefined) throw notFound();
    assertUnlocked(call, parts);
    if (changes === undefined) return { status: 200, value: describeFor(call, entry) };
    const { patchFailsWithinMs, patchLostWithinMs } = call.world.settings;
    if (isFresh(call, entry, patchFailsWithinMs)) {
      throw new ApiError(500, "InternalServerError", "Internal Server Error");
    }
    const properties = merge(call, entry.properties ?? {}, changes);
    if (call.fault?.kind === "lost-patch" || isFresh(call, entry, patchLostWithinMs)) {
      return { status: 200, value: { ...describeFor(call, entry), custom_properties: properties } };
    }
    call.account.disk.patch(entry, properties);
    return { status: 200, value: describeFor(call, entry) };
  },
};

async function readChanges(call: Call): Promise<Properties | undefined> {
  const { body } = call;
  const text = body === undefined ? "" : (await collectAll(body)).toString();
  const type = call.header("content-type");
  if (type === undefined && text !== "") call.misuse("the JSON body has no Content-Type");
  else if (text !== "" && !/^application\/json *(;|$)/.test(type ?? "")) {
    call.misuse(`the Content-Type is ${type ?? ""}`);
    throw new ApiError(415, "UnsupportedMediaTypeError", "Unsupported Media Type");
  }
  if (text === "") return undefined;
  const value = parseJson(text);
  if (!isObject(value)) throw badField("body");
  const unknown = Object.keys(value).filter((key) => key !== "custom_properties");
  if (unknown.length > 0) call.misuse(`the body has the unknown field "${unknown.join('", "')}"`);
  const changes = value["custom_properties"];
  if (changes === undefined) return undefined;
  if (!isObject(changes)) throw badField("custom_properties");
  return changes;
}

function merge(call: Call, old: Properties, changes: Properties): Properties | null {
  const kept = Object.entries({ ...old, ...changes }).filter(([, value]) => value !== null);
  const length = kept.reduce((sum, [key, value]) => sum + key.length + lengthOf(value), 0);
  if (length > call.world.settings.propertiesLength) {
    call.misuse(`the custom properties have ${String(length)} characters`);
    throw badField("custom_properties");
  }
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

function lengthOf(value: unknown): number {
  return (typeof value === "string" ? value : JSON.stringify(value)).length;
}

function isFresh({ world }: Call, entry: Entry, withinMs: number): boolean {
  return entry.kind === "file" && world.clock.nowMs() - entry.uploadedMs < withinMs;
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
