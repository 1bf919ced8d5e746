// Run as a process of its own by proxy.test.ts, because Node reads NODE_EXTRA_CA_CERTS only when it starts.
import process from "node:process";
import { createHttpClient } from "../../../lib/http/client.js";

const http = createHttpClient({ scheme: "Bearer", userAgent: "trisync-test", proxy: process.env });
const { signal } = new AbortController();
for (let round = 0; round < 2; round += 1) {
  const reply = await http.send(
    {
      operation: "list",
      subject: undefined,
      method: "GET",
      url: "https://service.test/",
      repeatable: false,
      authorized: false,
    },
    signal,
  );
  process.stdout.write(`${reply.status} ${reply.text}\n`);
}
http.close();
