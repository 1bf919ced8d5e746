import type { LoginDialog } from "../../../providers/context.js";

/** Who signs in at a terminal, with what the program has said and asked. */
export interface Person extends LoginDialog {
  readonly heard: readonly string[];
  readonly asked: readonly string[];
}

interface PersonParts {
  readonly paste: boolean;
  /** By how the question begins. */
  readonly answers: Readonly<Record<string, string>>;
  /** What the person brings back from the address that was named, for every other question. */
  readonly copyFrom: (url: string) => Promise<string>;
  /** Follows the address by default. */
  readonly openBrowser?: (url: string) => Promise<void>;
  /** Called with every line that is said. */
  readonly hear?: (line: string) => void;
}

export function createPersonWith({ paste, answers, copyFrom, openBrowser, hear }: PersonParts): Person {
  const heard: string[] = [];
  const asked: string[] = [];
  return {
    heard,
    asked,
    paste,
    say: (line) => {
      heard.push(line);
      hear?.(line);
    },
    openBrowser: openBrowser ?? visit,
    ask: async (question) => {
      asked.push(question);
      const known = Object.entries(answers).find(([beginning]) => question.startsWith(beginning));
      return known === undefined ? await copyFrom(heard.find((line) => line.startsWith("http")) ?? "") : known[1];
    },
  };
}

async function visit(url: string): Promise<void> {
  await textAt(url);
}

/** The page at the address; redirects are followed. */
export async function textAt(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/** Where the address leads to, without going there. */
export async function redirectOf(url: string): Promise<string> {
  return (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "no address";
}
