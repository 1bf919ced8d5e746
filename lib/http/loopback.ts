/** True when requests to this address never leave the machine. */
function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(url.hostname);
}

/** Whether secrets may be sent there: encrypted, or not leaving the machine. */
export function isSafeForSecrets(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}
