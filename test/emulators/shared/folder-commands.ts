import * as z from "zod";
import { Base64Bytes, toBase64 } from "./base64-bytes.js";
import { command, type Commands } from "./serve-commands.js";

export const Path = z.string().startsWith("/");
/** The bytes of a file as they travel. */
export const Bytes = z.union([z.string(), Base64Bytes]);

/** A tree of files as another client sees and changes it. */
interface FolderRemote {
  write(path: string, content: Buffer | string): unknown;
  mkdir(path: string): void;
  delete(path: string): void;
  move(from: string, to: string): void;
  stat(path: string): unknown;
  read(path: string): Promise<Buffer>;
  tree(): Promise<Readonly<Record<string, Buffer | null>>>;
  hashes(): unknown;
}

/** The commands of the control port that every service of files and folders has. */
export function folderCommands(remote: FolderRemote): Commands {
  const onePath = z.tuple([Path]);
  return {
    // By path, null for folders: a request for each file would take longer than the run that is measured.
    "remote.writeMany": command(z.tuple([z.record(Path, Bytes.nullable())]), ([files]) => {
      for (const [path, content] of Object.entries(files)) {
        if (content === null) remote.mkdir(path);
        else remote.write(path, content);
      }
    }),
    "remote.mkdir": command(onePath, ([path]) => remote.mkdir(path)),
    "remote.delete": command(onePath, ([path]) => remote.delete(path)),
    "remote.move": command(z.tuple([Path, Path]), ([from, to]) => remote.move(from, to)),
    "remote.stat": command(onePath, ([path]) => remote.stat(path)),
    "remote.read": command(onePath, async ([path]) => toBase64(await remote.read(path))),
    "remote.tree": command(z.tuple([]), async () => {
      const tree = Object.entries(await remote.tree());
      return Object.fromEntries(tree.map(([path, bytes]) => [path, bytes === null ? null : toBase64(bytes)]));
    }),
    "remote.hashes": command(z.tuple([]), () => remote.hashes()),
  };
}
