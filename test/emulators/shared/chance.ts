/** Seeded randomness, so that a failing test fails again. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to and without `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  happens(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  /** Letters, digits, `-` and `_`. */
  letters(length: number): string {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return Array.from({ length }, () => alphabet.charAt(this.below(alphabet.length))).join("");
  }

  shuffle<T>(items: T[]): T[] {
    const pool = items;
    for (let index = pool.length - 1; index > 0; index -= 1) {
      const other = this.below(index + 1);
      const [a, b] = [pool[index], pool[other]];
      if (a !== undefined && b !== undefined) {
        pool[index] = b;
        pool[other] = a;
      }
    }
    return pool;
  }
}
