import type { IncomingMessage } from "node:http";

/**
 * Ends the connection of a request whose fault is "cut-before", when as much of its body has come as the fault lets
 * come. False for every other fault, and for none.
 */
export async function isCutBefore(
  request: IncomingMessage,
  fault: { readonly kind: string; readonly afterBodyBytes?: number | undefined } | undefined,
): Promise<boolean> {
  if (fault?.kind !== "cut-before") return false;
  await skipBody(request, fault.afterBodyBytes ?? 0);
  request.socket.destroy();
  return true;
}

/** Reads so many bytes, or all when there are fewer; what comes after them is left alone. */
async function skipBody(body: AsyncIterable<Buffer>, bytes: number): Promise<void> {
  if (bytes === 0) return;
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.length;
    if (seen >= bytes) return;
  }
}
