import { EchoArg } from "../args.js";
import { defineRoute, json, type Route } from "../route.js";

export const checkRoutes: readonly Route[] = [
  defineRoute({
    name: "check/user",
    scope: "account_info.read",
    argument: EchoArg,
    run: ({ query }) => json({ result: query }),
  }),
];
