import { gzipSync } from "node:zlib";
import type { Answer } from "../shared/answer.js";

const GZIP_FROM_BYTES = 1400;

/** A text as it goes to a client that takes gzip; small ones, and contents, stay as they are. */
export function compressed(answer: Answer): Answer {
  const { body } = answer;
  if (typeof body !== "string" || body.length < GZIP_FROM_BYTES) return answer;
  const headers = { ...answer.headers, "Content-Encoding": "gzip", Vary: "Accept-Encoding" };
  return { ...answer, headers, body: gzipSync(body, { level: 1 }) };
}
