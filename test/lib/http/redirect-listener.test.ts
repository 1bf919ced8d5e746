import { expect, it } from "vitest";
import {
  listenForRedirect,
  type RedirectListener,
  type RedirectListenerOptions,
} from "../../../lib/http/redirect-listener.js";
import { UsageError } from "../../../lib/model/errors.js";
import { afterTest, containing, never } from "./support.js";

function hasState(query: URLSearchParams): boolean {
  return query.get("state") === "right";
}

async function listen(more: Partial<RedirectListenerOptions> = {}): Promise<RedirectListener> {
  const listener = await listenForRedirect({
    port: 0,
    host: "127.0.0.1",
    provider: "dropbox",
    timeoutMs: 5000,
    ...more,
  });
  afterTest(() => listener.close());
  return listener;
}

it("takes the first visit with the right state, shows a page, and closes", async () => {
  const listener = await listen();
  const waiting = listener.wait(hasState, never);
  const wrong = await fetch(`${listener.redirectUri}?state=wrong&code=evil`);
  const icon = await fetch(`${listener.redirectUri}favicon.ico?state=right`);
  const right = await fetch(`${listener.redirectUri}?state=right&code=c1`);
  expect([wrong.status, icon.status, right.status]).toEqual([404, 404, 200]);
  const page = await right.text();
  expect(page).toContain("You can close this page");
  expect(page).not.toContain("c1");
  expect((await waiting).get("code")).toBe("c1");
  await expect(fetch(listener.redirectUri)).rejects.toThrow();
});

it("rejects when the user declined", async () => {
  const listener = await listen({ host: "localhost" });
  expect(listener.redirectUri).toMatch(/^http:\/\/localhost:\d+\/$/);
  const waiting = listener.wait(hasState, never);
  const refused = expect(waiting).rejects.toThrow(/declined; run `trisync login dropbox` again/);
  await fetch(`${listener.redirectUri.replace("localhost", "127.0.0.1")}?error=access_denied&state=right`);
  await refused;
});

it("rejects when nobody comes, and when aborted", async () => {
  await expect((await listen({ timeoutMs: 20 })).wait(hasState, never)).rejects.toMatchObject({
    code: "unauthorized",
    message: containing("nobody signed in in time"),
  });
  const reason = new Error("interrupted");
  await expect((await listen()).wait(hasState, AbortSignal.abort(reason))).rejects.toBe(reason);
  const own = new AbortController();
  setTimeout(() => own.abort(reason), 10);
  await expect((await listen()).wait(hasState, own.signal)).rejects.toBe(reason);
});

it("says when its port is taken, and what to do", async () => {
  const port = Number(new URL((await listen()).redirectUri).port);
  const refused = await listen({ port }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(refused).toHaveProperty(
    "message",
    `cannot listen on port ${port} of this machine for the sign-in: another program has it; end that one, and run ` +
      "`trisync login dropbox` again",
  );
});
