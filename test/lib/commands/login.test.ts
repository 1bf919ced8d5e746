import { expect, test } from "vitest";
import { main } from "../../../lib/cli.js";
import { createLoginDialog } from "../../../lib/commands/login-dialog.js";
import { InterruptedError, UsageError } from "../../../lib/model/errors.js";
import { createFakeWorld } from "../../support/fake-world.js";

test("a provider without accounts needs no sign-in", async () => {
  const world = createFakeWorld();
  expect(await main(["login", "folder"], world)).toBe(2);
  expect(await main(["logout", "folder"], world)).toBe(2);
  expect(world.err()).toContain("folder needs no sign-in");
});

test("an unknown provider is a mistake of the user", async () => {
  const world = createFakeWorld();
  expect(await main(["login", "dropbux"], world)).toBe(2);
  expect(world.err()).toContain('did you mean "dropbox"?');
});

test("without a terminal and without input, nobody is asked and nobody waits", async () => {
  const world = createFakeWorld();
  expect(await main(["login", "dropbox", "--paste"], world)).toBe(2);
  expect(world.err()).toContain("there is nobody to ask");
});

test("logging out twice is fine", async () => {
  const world = createFakeWorld();
  expect(await main(["logout", "dropbox:/Documents"], world)).toBe(0);
  expect(world.out()).toBe("trisync: signed out of dropbox\n");
});

test("a pipe may hand over the code", async () => {
  const dialog = createLoginDialog(createFakeWorld({ input: " the-code \n" }), true);
  expect(await dialog.ask("Code:")).toBe("the-code");
  await expect(createLoginDialog(createFakeWorld(), true).ask("Code:")).rejects.toBeInstanceOf(UsageError);
});

test("an interruption ends the wait for the code", async () => {
  const world = createFakeWorld();
  world.interrupt(new InterruptedError("SIGTERM"));
  await expect(createLoginDialog(world, true).ask("Code:")).rejects.toBeInstanceOf(InterruptedError);
});

test("what a provider says cannot steer the terminal", () => {
  const world = createFakeWorld();
  createLoginDialog(world, false).say("open https://x\u001b[2J");
  expect(world.err()).toBe("open https://x\\x1b[2J\n");
});

test("a terminal is asked, and leaving the question is an interruption", async () => {
  const world = createFakeWorld({ terminal: true });
  const answer = createLoginDialog(world, true).ask("Code:");
  setTimeout(() => world.stdin.stream.push("abc\r"), 50);
  expect(await answer).toBe("abc");
  expect(world.err()).toContain("Code:");
  const left = createLoginDialog(world, true).ask("Code:");
  setTimeout(() => world.stdin.stream.push("\u0003"), 50);
  await expect(left).rejects.toBeInstanceOf(InterruptedError);
});
