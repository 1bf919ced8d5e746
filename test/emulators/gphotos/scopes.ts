const PREFIX = "https://www.googleapis.com/auth/photoslibrary";

export const APPEND_SCOPE = `${PREFIX}.appendonly`;
export const READ_SCOPE = `${PREFIX}.readonly.appcreateddata`;
export const EDIT_SCOPE = `${PREFIX}.edit.appcreateddata`;

/** Scopes that a consent can still give. */
export const LIVING_SCOPES: readonly string[] = [APPEND_SCOPE, READ_SCOPE, EDIT_SCOPE];

/** Scopes that were taken away on 31 March 2025; stored tokens may still carry them. */
export const REMOVED_SCOPES: readonly string[] = [PREFIX, `${PREFIX}.readonly`, `${PREFIX}.sharing`];
