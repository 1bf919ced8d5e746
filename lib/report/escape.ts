/**
 * A name as it may be shown on a terminal or in a mail: line ends would forge lines, control characters would steer the
 * terminal, and characters that turn the writing direction would disguise what follows.
 */
export function escapeName(name: string): string {
  return name.replace(UNSAFE, escapeCharacter);
}

/** As `escapeName` for a message of ours that may hold such names: its own line ends stay. */
export function escapeMessage(message: string): string {
  return message.replace(UNSAFE, (char) => (char === "\n" ? char : escapeCharacter(char)));
}

/** Control, format, line-separating and lone surrogate characters. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
