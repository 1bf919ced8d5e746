import { UsageError } from "../model/errors.js";

/** The environment's proxy variables as they are, upper and lower case: HTTPS_PROXY, HTTP_PROXY, NO_PROXY. */
export type ProxySettings = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that requests to `url` go through; undefined when they go straight.
 * Throws `UsageError` for a proxy that is no http(s) address; the value is not shown, as it may hold a password.
 */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = read(settings, name);
  if (value === undefined || isExempt(url, read(settings, "NO_PROXY") ?? "")) return undefined;

  const address = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy === undefined || !["http:", "https:"].includes(proxy.protocol) || proxy.hostname === "") {
    throw new UsageError(`${name} is not the address of an HTTP proxy; write it as http://host:port`);
  }
  return proxy;
}

/** How a proxy is named in messages: never with its user name and password. */
export function proxyLabel(proxy: URL): string {
  return proxy.host;
}

function read(settings: ProxySettings, name: string): string | undefined {
  const value = (settings[name] ?? settings[name.toLowerCase()])?.trim();
  return value === "" ? undefined : value;
}

/** NO_PROXY is a list of host names, each also meaning all names below it, optionally with a port; "*" means everything. */
function isExempt(url: URL, noProxy: string): boolean {
  const rules = noProxy.toLowerCase().split(/[\s,]+/);
  return rules.some((rule) => rule !== "" && matches(url, rule));
}

function matches(url: URL, rule: string): boolean {
  if (rule === "*") return true;
  const { host, port } = splitPort(rule);
  if (port !== undefined && port !== portOf(url)) return false;
  const suffix = host.replace(/^\*?\./, "");
  const name = unbracket(url.hostname);
  return name === suffix || name.endsWith(`.${suffix}`);
}

function splitPort(rule: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(rule);
  const plain = /^([^:]*)(?::(\d+))?$/.exec(rule);
  const match = bracketed ?? plain;
  return { host: match?.[1] ?? rule, port: match?.[2] };
}

function portOf(url: URL): string {
  return url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
}

function unbracket(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}
