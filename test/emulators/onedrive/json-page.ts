import type { Answer } from "../shared/answer.js";
import { jsonAnswer } from "./answer.js";

/** JSON as the sign-in host sends it: never to be kept. */
export function jsonPage(status: number, value: unknown): Answer {
  return jsonAnswer(status, value, {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store, no-cache",
    Pragma: "no-cache",
  });
}
