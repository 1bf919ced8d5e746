import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A sign-in through the browser listens here: the address is registered with the service, so it cannot take another. */
export const REDIRECT_PORT = 53_682;
/** Whoever holds this one may sign in. */
export const TURN_PORT = 53_681;

/**
 * Test files run side by side in processes of their own: one signs in at a time. The system may have given the port of the sign-in to a
 * connection, of which there are thousands; that one ends soon.
 */
export async function withRedirectPort<T>(signIn: () => Promise<T>): Promise<T> {
  const turn = createServer();
  while (!(await listens(turn, TURN_PORT))) await delay(50);
  try {
    while (!(await isFree(REDIRECT_PORT))) await delay(50);
    return await signIn();
  } finally {
    turn.close();
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  if (!(await listens(probe, port))) return false;
  await new Promise((resolve) => probe.close(resolve));
  return true;
}

function listens(server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const onError = (): void => {
      resolve(false);
    };
    server.once("error", onError);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", onError);
      resolve(true);
    });
  });
}
