import { assertUnlocked, type Call, diskPath, type Reply, resourceLink, type Route } from "../route.js";

export const publish: Route = {
  name: "PUT resources/publish",
  scope: "write",
  params: ["path"],
  run: (call) => setPublicKey(call, (): string => call.world.chance.letters(44)),
};

export const unpublish: Route = {
  name: "PUT resources/unpublish",
  scope: "write",
  params: ["path"],
  run: (call) => setPublicKey(call, () => undefined),
};

function setPublicKey(call: Call, key: () => string | undefined): Reply {
  const parts = diskPath(call, "path", "write");
  const entry = call.account.disk.get(parts);
  assertUnlocked(call, parts);
  entry.publicKey = key();
  return { status: 200, value: resourceLink(call, parts) };
}
