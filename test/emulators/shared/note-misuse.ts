interface Noted {
  readonly world: { readonly misuse: string[] };
  readonly logged: { readonly route: string };
}

/** Notes something that the service forbids or advises against. */
export function noteMisuse({ world, logged }: Noted, what: string): void {
  world.misuse.push(`${logged.route}: ${what}`);
}
