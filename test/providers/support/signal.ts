/** Of a caller that never gives up. */
export const signal = new AbortController().signal;
