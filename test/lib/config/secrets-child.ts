// Run as a process of its own by secrets.test.ts: holds the lock until its input ends, then stores a value.
import process from "node:process";
import { text } from "node:stream/consumers";
import { createSecretStore } from "../../../lib/config/secrets.js";

const [dir = ""] = process.argv.slice(2);
await createSecretStore({ dir, provider: "dropbox" }).update(async (stored) => {
  process.stdout.write("held\n");
  await text(process.stdin);
  return { ...stored, child: "x" };
});
