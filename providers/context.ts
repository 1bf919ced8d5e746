import type { FileSystem } from "../lib/local/file-system.js";
import type { HttpClient, RequestSigner, TokenSource } from "../lib/http/types.js";
import type { SyncPath } from "../lib/model/path.js";
import type { ProviderMemory, SharedState } from "../lib/state/types.js";
import type { Provider } from "./provider.js";

/** What a provider gets to work with; everything of the outside world comes in through here. */
export interface ProviderContext {
  /** What follows the colon in REMOTE, unchecked: "/Documents", "Album name". */
  readonly target: string;
  readonly settings: Settings;
  readonly memory: ProviderMemory;
  /** What all jobs of this state directory share; left out where there are no others. */
  readonly shared?: SharedState;
  readonly known: KnownItems;
  readonly secrets: SecretStore;
  readonly createHttp: (options: HttpOptions) => HttpClient;
  readonly files: FileSystem;
  readonly now: () => number;
  /** Names this run's trash folder where the provider keeps one of its own. */
  readonly runId: string;
  readonly trashDays: number;
  /** Whether modification times travel where that costs extra requests. */
  readonly times: "keep" | "ignore";
  /** Whether folders in folders go together with albums, for services that have no albums in albums; flat when left out. */
  readonly albums?: "flat" | "nested";
  /** False for `plan`: nothing may be written on the remote side, not even a marker. */
  readonly mayWrite: boolean;
}

/** What the mirror knows by id: for services whose listings name the parent of an entry, and not its path. */
export interface KnownItems {
  /**
   * Where the item is, by the pages of the listing that were taken in so far: those of a complete listing alone, or, where a
   * listing goes on from a cursor, what the mirror held with all changes since. Undefined for an id never seen, or gone.
   */
  find(id: string): { readonly kind: "file" | "folder"; readonly path: SyncPath } | undefined;
}

export interface HttpOptions {
  /** How the token is put on a request: "Bearer", "OAuth". */
  readonly scheme?: string;
  /** Left out where requests are signed, and for requests that prove nothing. */
  readonly tokens?: TokenSource;
  /** Takes the place of tokens where requests are signed. */
  readonly sign?: RequestSigner;
  /** Requests that carry the token in one second at most, where the service allows only so many. */
  readonly requestsPerSecond?: number;
}

/** The environment and the env file, with NAME_FILE and NAME_COMMAND resolved. Asked by variable name. */
export interface Settings {
  /** Undefined when unset or empty. Rejects with `UsageError` naming the variable when NAME_FILE or NAME_COMMAND fails. */
  get(name: string): Promise<string | undefined>;
}

/** What `login` stored, per provider, in the state directory with mode 0600; written under a lock, old or new. */
export interface SecretStore {
  read(): Promise<Readonly<Record<string, string>>>;
  /**
   * Calls `change` with the newest stored values while no other process can change them, and stores what it returns
   * before resolving to it. Undefined removes everything.
   */
  update(
    change: (stored: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, string>> | undefined>,
  ): Promise<Readonly<Record<string, string>>>;
}

/** What `login` may ask and tell; the only place where trisync talks with a person. */
export interface LoginDialog {
  say(line: string): void;
  openBrowser(url: string): Promise<void>;
  /** Asks for a line of text (a pasted code). Rejects with `UsageError` where there is nobody to ask. */
  ask(question: string): Promise<string>;
  /** True when the user chose pasting the code over a browser on this machine. */
  readonly paste: boolean;
}

/** One line of the registry: all the program knows of a provider before it is loaded. */
export interface ProviderModule {
  /** Throws `UsageError` when the target has the wrong form. Returns it normalised: equal targets are equal texts. */
  parseTarget(target: string): string;
  open(context: ProviderContext): Promise<Provider>;
  /** Undefined where there is nothing to sign in to. Resolves to a sentence saying who signed in. */
  readonly login: ((context: ProviderContext, dialog: LoginDialog, signal: AbortSignal) => Promise<string>) | undefined;
  readonly logout: ((context: ProviderContext, signal: AbortSignal) => Promise<void>) | undefined;
}
