/** The parts of the package that the tests call. It comes without types of its own. */
declare module "ya-disk" {
  interface Answer {
    readonly status: number;
    readonly data: unknown;
  }
  type Query = Readonly<Record<string, string | number | boolean>>;

  const client: {
    readonly info: (token: string) => Promise<unknown>;
    readonly list: (token: string, options?: Query) => Promise<unknown>;
    readonly recent: (token: string, options?: Query) => Promise<unknown>;
    readonly operations: (token: string, id: string) => Promise<unknown>;
    readonly meta: {
      readonly get: (token: string, path: string, options?: Query) => Promise<unknown>;
      readonly add: (token: string, path: string, properties: Readonly<Record<string, unknown>>) => Promise<unknown>;
    };
    readonly download: { readonly link: (token: string, path: string) => Promise<{ readonly href: string }> };
    readonly upload: {
      readonly link: (token: string, path: string, overwrite?: boolean) => Promise<{ readonly href: string }>;
      readonly remoteFile: (token: string, url: string, path: string) => Promise<{ readonly href: string }>;
    };
    readonly resources: {
      readonly create: (token: string, path: string) => Promise<unknown>;
      readonly copy: (token: string, from: string, path: string, overwrite?: boolean) => Promise<Answer>;
      readonly move: (token: string, from: string, path: string, overwrite?: boolean) => Promise<Answer>;
      readonly remove: (token: string, path: string, permanently?: boolean) => Promise<Answer>;
    };
  };
  export = client;
}
