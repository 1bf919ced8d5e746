import * as z from "zod";
import type { Answer } from "../../shared/answer.js";
import { Behavior, type Call, jsonBody, resolveTarget } from "../call.js";
import { contentOf } from "../content.js";
import { badRequest, notFound } from "../failures.js";
import { isPersonal } from "../kinds.js";
import { readToken } from "../links.js";
import { prepare, storeFile } from "../store.js";
import { showItem } from "./show.js";

const Body = z.strictObject({
  name: z.string(),
  "@microsoft.graph.conflictBehavior": Behavior.default("fail"),
  "@microsoft.graph.sourceUrl": z.url(),
});

/** `PUT` of an item with the URL of a finished upload session: the commit of personal drives, and its repair. */
export async function commitBySource(call: Call): Promise<Answer> {
  const body = await jsonBody(call, Body);
  const { drive, world } = call;
  if (!isPersonal(drive.kind)) throw badRequest("a commit by source URL on a business drive");
  const token = new URL(body["@microsoft.graph.sourceUrl"]).searchParams.get("tempauth") ?? "";
  const session = world.sessions.find(readToken(world, token)?.id ?? "");
  if (session === undefined) throw notFound();
  if (session.receivedBytes !== session.totalBytes) throw badRequest("a commit of an upload that is not complete");
  const ready = await prepare(world, session, contentOf(session.blobs));
  const { parent } = resolveTarget(call, { createParents: false });
  const behavior = body["@microsoft.graph.conflictBehavior"];
  const { item, isNew } = storeFile({ world, drive, parent, name: body.name, behavior, times: session.times, ready });
  world.sessions.drop(session);
  return showItem(call, item, isNew ? 201 : 200);
}
