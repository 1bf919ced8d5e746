import { answer, type Received, type Reaction } from "../../support/http-server.js";

/** A token endpoint whose refresh tokens work once: r0 gives a1 and r1, and so on. */
export function rotatingEndpoint(expiresSeconds = 3600) {
  let generation = 0;
  const react = (received: Received): Reaction => {
    const form = formOf(received);
    if (form["grant_type"] !== "refresh_token") return answer(400, { error: "unsupported_grant_type" });
    if (form["refresh_token"] !== `r${generation}`) return answer(400, { error: "invalid_grant" });
    generation += 1;
    const tokens = { access_token: `a${generation}`, refresh_token: `r${generation}`, expires_in: expiresSeconds };
    return answer(200, { ...tokens, token_type: "bearer" });
  };
  return {
    react,
    get refreshes() {
      return generation;
    },
  };
}

export function formOf(received: Pick<Received, "body">): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(received.body.toString()));
}
