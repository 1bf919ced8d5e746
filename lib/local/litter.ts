/** What file managers write into folders by themselves, and what therefore must not keep a folder alive. */
const LITTER: ReadonlySet<string> = new Set([".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"]);

/** True for the name of a file that an operating system makes and remakes by itself. */
export function isLitter(name: string): boolean {
  return LITTER.has(name.toLowerCase()) || name === "Icon\r";
}
