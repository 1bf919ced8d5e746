import fs from "node:fs";
import { pino } from "pino";
import { prettyFactory } from "pino-pretty";
import { UsageError } from "../model/errors.js";

/** What happened, for whoever looks into it later. Plain words and numbers only, never a request or an error as it came. */
export interface RunLog {
  info(facts: Readonly<Record<string, string | number | null | undefined>>, message: string): void;
  debug(facts: Readonly<Record<string, string | number | null | undefined>>, message: string): void;
  close(): void;
}

export interface LogOptions {
  readonly verbosity: 0 | 1 | 2;
  readonly logFile: string | undefined;
  /** Where -v writes, a line at a time. */
  readonly show: (line: string) => void;
  readonly isTerminal: boolean;
  readonly colors: boolean;
  readonly redact: (text: string) => string;
}

/** Facts that carry one of these names are never written. */
const REDACTED = ["token", "secret", "password", "authorization", "code", "headers", "body", "url"];

/** Throws `UsageError` when the log file cannot be opened. */
export function createLog(options: LogOptions): RunLog {
  const file = options.logFile === undefined ? undefined : openLogFile(options.logFile, options.show);
  const showLine = options.isTerminal ? prettyLine(options) : options.show;
  const level = options.verbosity === 2 ? "debug" : "info";
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: { paths: REDACTED, censor: "[secret]" } },
    {
      write: (line: string) => {
        const safe = options.redact(line);
        file?.write(safe);
        if (options.verbosity > 0) showLine(safe);
      },
    },
  );
  return {
    info: (facts, message) => {
      logger.info(facts, message);
    },
    debug: (facts, message) => {
      logger.debug(facts, message);
    },
    close: () => {
      file?.close();
    },
  };
}

function prettyLine({ colors, show }: LogOptions): (line: string) => void {
  const toText = prettyFactory({ colorize: colors, ignore: "level", translateTime: "SYS:HH:MM:ss", singleLine: true });
  return (line) => {
    show(toText(line));
  };
}

interface LogFile {
  write(line: string): void;
  close(): void;
}

/** A log that cannot be written to (a full disk) is told of once and then given up; the run goes on. */
function openLogFile(path: string, show: (line: string) => void): LogFile {
  const descriptor = open(path);
  let works = true;
  return {
    write: (line) => {
      if (!works) return;
      try {
        fs.writeSync(descriptor, line);
      } catch (error) {
        works = false;
        show(`trisync: the log file cannot be written any more (${codeOf(error)})\n`);
      }
    },
    close: () => {
      try {
        fs.closeSync(descriptor);
      } catch {
        // Nothing depends on the log.
      }
    },
  };
}

function open(path: string): number {
  try {
    return fs.openSync(path, "a", 0o600);
  } catch (error) {
    throw new UsageError(
      `the log file ${path} cannot be opened (${codeOf(error)}); give --log-file a place that can be written`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
