/** What a sign-in or a refresh gives; each service adds whose tokens they are. */
export interface CommonTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}
