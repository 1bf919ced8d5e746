/** Keeps secrets out of everything that is printed: the last line of defence, behind messages that hold none. */
export interface Redactor {
  /** From now on this text is never printed. */
  remember(secret: string): void;
  /** Blots out the secrets it was told. For results, which must otherwise stay as they are. */
  redact(text: string): string;
  /** Also blots out what looks like a credential in a text that others wrote, such as a stack. */
  redactForeign(text: string): string;
}

/** Shorter texts are no secrets, and would blot out half of every message. */
const SHORTEST = 8;

const BLOT = "[secret]";

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  const redact = (text: string): string => {
    let shown = text;
    for (const secret of secrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, BLOT);
    return shown;
  };
  return {
    remember(secret) {
      for (const form of [secret.trim(), encodeURIComponent(secret.trim())]) {
        if (form.length >= SHORTEST) secrets.add(form);
      }
    },
    redact,
    redactForeign: (text) =>
      FOREIGN.reduce((shown, [pattern, blotted]) => shown.replace(pattern, blotted), redact(text)),
  };
}

const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|OAuth|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${BLOT}`],
  [/\b(https?:\/\/)[^/\s@]+@/gi, `$1${BLOT}@`],
  // Queries of addresses: that is where signatures and codes are.
  [/\b(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]+/gi, `$1?${BLOT}`],
  [
    /(["']?[\w-]*(?:token|secret|password|authorization|api_?key|app_?key|code_verifier)["']?\s*[:=]\s*)["']?[^\s"',}]{4,}["']?/gi,
    `$1${BLOT}`,
  ],
];
