import { defineVoidRoute, json, type Route } from "../route.js";

export const tokenRoutes: readonly Route[] = [
  defineVoidRoute({
    name: "auth/token/revoke",
    scope: undefined,
    run: ({ world, accessToken }) => {
      const token = world.tokens.access(accessToken);
      if (token !== undefined) token.grant.isRevoked = true;
      return json(null);
    },
  }),
];
