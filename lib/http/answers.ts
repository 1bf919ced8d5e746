import type * as z from "zod";
import { ProviderError } from "../model/errors.js";
import type { HttpAnswer } from "./types.js";

/**
 * The answer's JSON in the documented shape. Throws `ProviderError` "malformed" for a web page, for half an answer and for
 * another shape; the message shows nothing of the content.
 */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: HttpAnswer, operation: string): T {
  const result = schema.safeParse(parseJson(answer, operation));
  if (result.success) return result.data;
  throw malformed(operation, `the answer does not have the documented shape (${placesOf(result.error)})`);
}

/** The answer's JSON, unchecked. Throws as `parseAnswer`. */
export function parseJson(answer: HttpAnswer, operation: string): unknown {
  try {
    const json: unknown = JSON.parse(answer.text);
    return json;
  } catch {
    throw malformed(operation, whatInstead(answer.text));
  }
}

function whatInstead(text: string): string {
  const start = text.trimStart();
  if (start === "") return "the answer is empty";
  if (start.startsWith("<")) return "the answer is a web page, perhaps the sign-in page of this network";
  return start.startsWith("{") || start.startsWith("[") ? "the answer is cut off" : "the answer is no JSON";
}

function malformed(operation: string, what: string): ProviderError {
  return new ProviderError("malformed", `${operation}: ${what}; run again later`);
}

/** Where the shape is wrong, in the schema's words. Names that could come from the answer itself are left out. */
function placesOf(error: z.ZodError): string {
  const places = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map((part) =>
      typeof part === "number" ? "#" : SHORT_NAME.test(String(part)) ? part : "?",
    );
    return `${path.length === 0 ? "top" : path.map(String).join(".")}: ${issue.code}`;
  });
  return places.join(", ");
}

const SHORT_NAME = /^[.@]?[A-Za-z_][A-Za-z0-9_.@]{0,30}$/;
