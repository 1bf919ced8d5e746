import type { Chance } from "../shared/chance.js";
import type { Clock } from "../shared/clock.js";
import type { Content } from "./content.js";
import type { Entry } from "./entries.js";
import { hexDigits } from "./hex.js";
import type { Operation } from "./operations.js";
import { type Parts, toTestPath } from "./paths.js";
import type { Settings } from "./settings.js";

/** Leave to upload one file to one place, once. */
export interface UploadLink {
  readonly secret: string;
  readonly uid: string;
  readonly parts: Parts;
  readonly overwrite: boolean;
  readonly isSlow: boolean;
  readonly expiresMs: number;
  readonly operation: Operation;
  /** Parts received so far, where uploads can be resumed. */
  received: Content[];
  isUsed: boolean;
}

export interface DownloadLink {
  readonly secret: string;
  readonly uid: string;
  readonly entry: Entry;
  /** The content of the time when the link was made; undefined for folders. */
  readonly content: Content | undefined;
  readonly name: string;
  readonly mime: string;
  readonly expiresMs: number;
}

/** Links to the uploader and the downloader. Whoever has one needs no token. */
export class Links {
  readonly #uploads = new Map<string, UploadLink>();
  readonly #downloads = new Map<string, DownloadLink>();

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
    private readonly chance: Chance,
  ) {}

  newUpload(link: Pick<UploadLink, "uid" | "parts" | "overwrite" | "isSlow" | "operation">): UploadLink {
    const stamp = new Date(this.clock.nowMs()).toISOString().replace(/[-:]/g, "").slice(0, 15);
    const secret = `${stamp}.${String(this.chance.below(1000))}.utd.${hexDigits(this.chance, 32)}-k1a.${String(this.chance.below(1_000_000))}`;
    const expiresMs = this.clock.nowMs() + this.settings.uploadLinkMs;
    const made: UploadLink = { ...link, secret, expiresMs, received: [], isUsed: false };
    this.#uploads.set(secret, made);
    return made;
  }

  upload(secret: string): UploadLink | undefined {
    return this.#uploads.get(secret);
  }

  /** The paths of upload links that nothing was sent to. */
  unused(): readonly string[] {
    return [...this.#uploads.values()].filter(({ isUsed }) => !isUsed).map(({ parts }) => toTestPath(parts));
  }

  newDownload(link: Pick<DownloadLink, "uid" | "entry" | "content" | "name" | "mime">): DownloadLink {
    const expiresMs = this.clock.nowMs() + this.settings.downloadLinkMs;
    const made = { ...link, secret: hexDigits(this.chance, 64), expiresMs };
    this.#downloads.set(made.secret, made);
    return made;
  }

  download(secret: string): DownloadLink | undefined {
    return this.#downloads.get(secret);
  }
}
