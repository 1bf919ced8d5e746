import * as z from "zod";

/** What tests may ask of tokens that expire; each service adds whose they are. */
export const TokenOptions = z.object({
  expiresInSeconds: z.number().optional(),
  scopes: z.array(z.string()).readonly().optional(),
  /** The access token is good for so many requests, then it counts as expired. */
  uses: z.number().optional(),
});

export type TokenOptions = z.output<typeof TokenOptions>;
