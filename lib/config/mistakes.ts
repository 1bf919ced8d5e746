import { UsageError } from "../model/errors.js";

/** Gathers everything that is wrong with the configuration, so that the user mends it in one go. */
export class Mistakes {
  readonly #messages: string[] = [];

  add(message: string): void {
    if (!this.#messages.includes(message)) this.#messages.push(message);
  }

  /** Runs `check`; a `UsageError` it throws becomes a mistake, and the answer undefined. */
  async gather<T>(label: string, check: () => Promise<T> | T): Promise<T | undefined> {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.add(label === "" ? error.message : `${label}: ${error.message}`);
      return undefined;
    }
  }

  get any(): boolean {
    return this.#messages.length > 0;
  }

  /** Throws one `UsageError` with all of them, a line each. */
  throwIfAny(): void {
    if (this.any) throw new UsageError(this.#messages.join("\n"));
  }
}
