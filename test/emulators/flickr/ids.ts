import type { Chance } from "../shared/chance.js";

/** Numbers and secrets in the shapes that the service gives out. All ids are text: most are too long for a number. */
export class Ids {
  #photos = 0;
  #sets = 0;
  #tickets = 0;
  #tags = 0;
  #accounts = 0;

  constructor(private readonly chance: Chance) {}

  photo(): string {
    this.#photos += 1;
    return String(53_000_000_000 + this.#photos);
  }

  set(): string {
    this.#sets += 1;
    return `721777203${String(this.#sets).padStart(8, "0")}`;
  }

  /** With a dash: not a number. */
  ticket(): string {
    this.#tickets += 1;
    return `${String(200_775_938 + this.#tickets)}-72157722968${String(this.#tickets).padStart(6, "0")}`;
  }

  tag(photoId: string): string {
    this.#tags += 1;
    return `12340000-${photoId}-${String(this.#tags)}`;
  }

  nsid(): string {
    this.#accounts += 1;
    return `${String(12_345_677 + this.#accounts)}@N00`;
  }

  /** The secret of a photo. */
  secret(): string {
    return this.hex(10);
  }

  token(): { readonly token: string; readonly secret: string } {
    const digits = Array.from({ length: 12 }, () => String(this.chance.below(10))).join("");
    return { token: `72157${digits}-${this.hex(16)}`, secret: this.hex(16) };
  }

  /** Nine digits, as the page shows them. */
  code(): string {
    const three = () => String(this.chance.below(1000)).padStart(3, "0");
    return [three(), three(), three()].join("-");
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.chance.below(16).toString(16)).join("");
  }
}
