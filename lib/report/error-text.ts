import { EXIT, exitCodeOf } from "./exit-codes.js";
import { messageText } from "./problem-lines.js";

/** What ended the run, for stderr: an answer for the user is its message; anything else is a bug and keeps its stack. */
export function errorText(error: unknown): string {
  if (exitCodeOf(error) !== EXIT.bug) return messageText(error instanceof Error ? error.message : String(error));
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return messageText(
    `this is a bug in trisync; what was done so far is kept. Please report it with these lines:\n${stack}`,
  );
}
