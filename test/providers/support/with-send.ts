import type { HttpClient } from "../../../lib/http/types.js";

/** The client with another way to send: for what happens to requests and answers on this side of the connection. */
export function withSend(http: HttpClient, send: HttpClient["send"]): HttpClient {
  return {
    send,
    open: (request, aborted) => http.open(request, aborted),
    pause: (ms) => http.pause(ms),
    get requests() {
      return http.requests;
    },
    close: () => http.close(),
  };
}
