import type { Access } from "./target.js";

interface Proxied {
  readonly proxyUrl?: string | undefined;
  /** The certificate authority of the proxy. */
  readonly caFile?: string | undefined;
}

type Env = Readonly<Record<string, string>>;

/** How both programs reach an emulator in the same way: by TLS, through a proxy, under the service's own host names. */
export interface ProxiedAccess {
  /** `env` holds the sign-in. */
  trisync(service: string, env: Env): Access;
  /** The remote "bench" exists in the environment only. */
  rclone(type: string, token: Env, config?: Env): Access;
}

export function accessThrough({ proxyUrl, caFile }: Proxied): ProxiedAccess {
  if (proxyUrl === undefined || caFile === undefined) throw new Error("the emulator has no TLS proxy");
  return {
    trisync: (service, env) => ({
      url: (remote) => `${service}:/${remote}`,
      args: [],
      env: { HTTPS_PROXY: proxyUrl, NODE_EXTRA_CA_CERTS: caFile, ...env },
    }),
    rclone: (type, token, config = {}) => ({
      url: (remote) => `bench:/${remote}`,
      args: ["--ca-cert", caFile],
      env: {
        HTTPS_PROXY: proxyUrl,
        RCLONE_CONFIG_BENCH_TYPE: type,
        RCLONE_CONFIG_BENCH_TOKEN: JSON.stringify(token),
        ...config,
      },
    }),
  };
}
