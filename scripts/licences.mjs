import fs from "node:fs";
import path from "node:path";

/** The licence texts of all packages whose files went into the bundle, which carries copies of their code. */
export function collectLicences(root, inputs) {
  const packages = new Set(inputs.map(packageFolderOf).filter((folder) => folder !== undefined));
  const parts = [...packages].sort().map((folder) => describePackage(path.join(root, folder)));
  return `The executable contains code of these packages.\n\n${parts.join("\n")}`;
}

/** "node_modules/a/node_modules/@b/c/lib/x.js" -> "node_modules/a/node_modules/@b/c". */
function packageFolderOf(input) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
}

function describePackage(folder) {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file === undefined ? "" : fs.readFileSync(path.join(folder, file), "utf8").trim();
  return `## ${name} ${version} (${license})\n\n${text}\n`;
}
