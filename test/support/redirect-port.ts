import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** Next to the port that a sign-in through the browser listens on: whoever holds this one may sign in. */
const TURN_PORT = 53_681;

/** The port of the sign-in is fixed, and test files run side by side in processes of their own: one at a time. */
export async function withRedirectPort<T>(signIn: () => Promise<T>): Promise<T> {
  const turn = createServer();
  while (!(await listens(turn))) await delay(50);
  try {
    return await signIn();
  } finally {
    turn.close();
  }
}

function listens(server: ReturnType<typeof createServer>): Promise<boolean> {
  return new Promise((resolve) => {
    const onError = (): void => {
      resolve(false);
    };
    server.once("error", onError);
    server.listen(TURN_PORT, "127.0.0.1", () => {
      server.off("error", onError);
      resolve(true);
    });
  });
}
