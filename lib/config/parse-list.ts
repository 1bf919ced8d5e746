/**
 * Patterns in one variable: separated by commas or line ends; `\,` is a comma that belongs to a pattern. On the command
 * line there is nothing to split, the option is simply given again.
 */
export function parseList(text: string): readonly string[] {
  return text
    .split(/(?<!\\),|\r?\n/)
    .map((part) => part.replaceAll("\\,", ",").trim())
    .filter((part) => part !== "");
}
