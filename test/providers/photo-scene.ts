import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inTemporaryDirectory, type Ran, type RunOptions } from "../e2e/executable.js";
import { Job } from "../e2e/job.js";
import { sampleJpeg } from "../emulators/gphotos/samples.js";

/** A folder of photos on this machine, a state, and a library that the built executable keeps in step. */
export interface Scene {
  /** Holds the folder and the state, and has room for more. */
  readonly directory: string;
  readonly local: string;
  readonly job: Job;
  /** `trisync sync --json` with these arguments. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** By default a photo that is another one for each path. */
  write(path: string, content?: Buffer | string): Promise<void>;
}

export interface Library {
  /** As on the command line: "flickr:". */
  readonly remote: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function inScene({ remote, env }: Library, use: (scene: Scene) => Promise<void>): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const local = join(directory, "local");
    await mkdir(local);
    const job = new Job({ local, remote, state: join(directory, "state"), env });
    await use({
      directory,
      local,
      job,
      run: (args, options) => job.run("sync", ["--json", ...args], options),
      write: async (path, content = sampleJpeg(path)) => {
        await mkdir(dirname(join(local, path)), { recursive: true });
        await writeFile(join(local, path), content);
      },
    });
  });
}
