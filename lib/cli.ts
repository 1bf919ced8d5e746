import type { Invocation } from "./config/command-line.js";
import { isSecretVariable } from "./config/credentials.js";
import type { CommandName } from "./config/option-table.js";
import type { World } from "./config/world.js";
import type { Command } from "./commands/command.js";
import { loadEngine } from "./commands/engine.js";
import { InterruptedError } from "./model/errors.js";
import { errorText } from "./report/error-text.js";
import { EXIT, exitCodeOf } from "./report/exit-codes.js";
import { createRedactor } from "./report/redact.js";
import type { Redactor } from "./report/redact.js";
import { VERSION } from "./version.js";

/** Loaded one at a time: no command pays for another's libraries. */
const COMMANDS: Record<CommandName, () => Promise<Command>> = {
  sync: async () => (await import("./commands/sync.js")).sync,
  plan: async () => (await import("./commands/plan.js")).plan,
  status: async () => (await import("./commands/status.js")).status,
  explain: async () => (await import("./commands/explain.js")).explain,
  restore: async () => (await import("./commands/restore.js")).restore,
  login: async () => (await import("./commands/login.js")).login,
  logout: async () => (await import("./commands/logout.js")).logout,
};

/**
 * The whole program: runs the command that `argv` (without node and script) asks for, and resolves to the exit code. Never rejects.
 * All it knows of the outside is `world`; `engine` is replaced only by tests.
 */
export async function main(argv: readonly string[], world: World, engine = loadEngine): Promise<number> {
  const redactor = createRedactor();
  for (const [name, value] of Object.entries(world.env)) if (isSecretVariable(name)) redactor.remember(value ?? "");
  const guarded = withoutSecrets(world, redactor);
  try {
    const invocation = await parse(argv);
    if (invocation.kind === "text") {
      guarded.stdout.write(invocation.text);
      return EXIT.inStep;
    }
    const command = await COMMANDS[invocation.command]();
    return await command({ ...invocation, world: guarded, redactor, loadEngine: engine });
  } catch (thrown) {
    const error = causeOf(thrown, world.signal);
    guarded.stderr.write(redactor.redactForeign(errorText(error)));
    return exitCodeOf(error);
  }
}

/** `--version` is answered without loading anything. */
async function parse(argv: readonly string[]): Promise<Invocation> {
  if (argv.length === 1 && argv[0] === "--version") return { kind: "text", text: `${VERSION}\n` };
  const { parseCommandLine } = await import("./config/command-line.js");
  return parseCommandLine(argv);
}

/** The world with output that no remembered secret gets through. */
function withoutSecrets(world: World, redactor: Redactor): World {
  const guard = (output: World["stdout"]): World["stdout"] => ({
    ...output,
    write: (text) => output.write(redactor.redact(text)),
  });
  return { ...world, stdout: guard(world.stdout), stderr: guard(world.stderr) };
}

/** Whatever an interruption makes fail, the interruption is what the user wants to hear of. */
function causeOf(thrown: unknown, signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  const isAbort = thrown instanceof Error && thrown.name === "AbortError";
  return signal.aborted && reason instanceof InterruptedError && isAbort ? reason : thrown;
}
