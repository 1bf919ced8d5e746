import type { World } from "../config/world.js";

/** Both streams, shared with a progress display that has to step aside for every line. */
export class Screen {
  /** Called before each line. */
  makeRoom: () => void = () => undefined;

  constructor(private readonly world: Pick<World, "stdout" | "stderr">) {}

  /** To stdout: the result. */
  result(text: string): void {
    if (this.world.stdout.isTerminal) this.makeRoom();
    this.world.stdout.write(text);
  }

  /** To stderr: everything else. */
  message(text: string): void {
    this.makeRoom();
    this.world.stderr.write(text);
  }
}
