import type { World } from "../config/world.js";
import { InterruptedError, UsageError } from "../model/errors.js";
import { escapeMessage } from "../report/escape.js";
import type { LoginDialog } from "../../providers/context.js";

/** Talks with the person who signs in: on a terminal, or through a pipe that hands over the code. */
export function createLoginDialog(world: World, paste: boolean): LoginDialog {
  return {
    paste,
    say: (line) => {
      world.stderr.write(`${escapeMessage(line)}\n`);
    },
    openBrowser: (url) => openBrowser(url, world),
    ask: (question) => (world.stdin.isTerminal ? askOnTerminal(question, world) : readFromPipe(question, world)),
  };
}

/** The provider shows the address as well, because the browser may be on another machine, or there may be none. */
async function openBrowser(url: string, world: World): Promise<void> {
  if (!world.stderr.isTerminal) return;
  try {
    const { default: open } = await import("open");
    const browser = await open(url);
    browser.on("error", () => undefined);
    browser.unref();
  } catch {
    // The user has the address.
  }
}

async function askOnTerminal(question: string, world: World): Promise<string> {
  const { text, isCancel } = await import("@clack/prompts");
  const answer = await text({
    message: question,
    input: world.stdin.stream,
    output: world.stderr.stream,
    signal: world.signal,
  });
  world.signal.throwIfAborted();
  if (isCancel(answer)) throw new InterruptedError("SIGINT");
  return answer.trim();
}

async function readFromPipe(question: string, world: World): Promise<string> {
  const line = (await world.stdin.readLine(world.signal))?.trim() ?? "";
  world.signal.throwIfAborted();
  if (line !== "") return line;
  throw new UsageError(
    `there is nobody to ask (${question}): sign in on a terminal, or write the answer to the standard input`,
  );
}
