import type { IncomingMessage } from "node:http";

export function header({ request }: { readonly request: IncomingMessage }, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
