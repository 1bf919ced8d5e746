import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep, isAbsolute } from "node:path";
import { makeFolder } from "./make-folder.js";
import { translateError } from "./sql-errors.js";
import { isRecord } from "./values.js";

/** The two sides of a job as they identify it. */
export interface JobSides {
  /** Canonical path of the local root. */
  readonly local: string;
  /** Normalised text of the remote side: "dropbox:/Documents". */
  readonly remote: string;
}

export interface JobDescription extends JobSides {
  readonly createdMs: number;
}

export interface ListedJob {
  readonly id: string;
  readonly dir: string;
  /** Undefined when the job has not run `sync` yet, or its description cannot be read. */
  readonly description: JobDescription | undefined;
}

const DESCRIPTION_FILE = "job.json";
const READABLE_LENGTH = 40;

/** Where the job keeps its state, and its id: a readable part, and a hash of both sides that makes it unique. */
export function jobDirectory(stateDir: string, sides: JobSides): { readonly id: string; readonly dir: string } {
  const id = jobId(sides);
  return { id, dir: join(stateDir, "jobs", id) };
}

function jobId({ local, remote }: JobSides): string {
  const hash = createHash("sha256").update(`${local}\0${remote}`).digest("hex").slice(0, 12);
  const readable = `${basename(local)}-${remote}`
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, READABLE_LENGTH)
    .toLowerCase();
  return readable === "" ? hash : `${readable}-${hash}`;
}

/** Says beside the state whose it is. Written by the first sync, and left alone by later ones. */
export function describeJob(dir: string, description: JobDescription): void {
  if (readDescription(dir) !== undefined) return;
  const path = join(dir, DESCRIPTION_FILE);
  try {
    makeFolder(dir);
    writeFileSync(`${path}.new`, `${JSON.stringify(description)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw translateError(error, path);
  }
}

/** All jobs that have a directory, by id. Writes nothing; a state directory that does not exist holds none. */
export function listJobs(stateDir: string): readonly ListedJob[] {
  const folder = join(stateDir, "jobs");
  return readFolders(folder)
    .sort()
    .map((id) => ({ id, dir: join(folder, id), description: readDescription(join(folder, id)) }));
}

/** Jobs whose local root lies inside this one, or this one inside theirs: each would synchronise files of the other. */
export function overlappingJobs(jobs: readonly ListedJob[], sides: JobSides): readonly ListedJob[] {
  return jobs.filter(({ description }) => {
    if (description === undefined || description.local === sides.local) return false;
    return isInside(description.local, sides.local) || isInside(sides.local, description.local);
  });
}

/** True for the folder itself and all below it: a state directory inside the local root would synchronise itself. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function readFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw translateError(error, join(folder, "any"));
  }
}

function readDescription(dir: string): JobDescription | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, DESCRIPTION_FILE), "utf8"));
    return isDescription(value) ? value : undefined;
  } catch {
    // Not written yet, or damaged: the next sync writes it anew.
    return undefined;
  }
}

function isDescription(value: unknown): value is JobDescription {
  if (!isRecord(value)) return false;
  return (
    typeof value["local"] === "string" && typeof value["remote"] === "string" && typeof value["createdMs"] === "number"
  );
}
