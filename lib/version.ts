/** The version in package.json, here so that `--version` reads no file. */
export const VERSION = "0.1.0";
