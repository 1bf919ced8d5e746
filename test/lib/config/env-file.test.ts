import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readEnvFile } from "../../../lib/config/env-file.js";
import { UsageError } from "../../../lib/model/errors.js";
import { createFakeWorld } from "../../support/fake-world.js";

function write(content: string | Buffer): string {
  const file = join(createFakeWorld().dir, "job.env");
  writeFileSync(file, content);
  return file;
}

async function refusal(file: string): Promise<string> {
  const error: unknown = await readEnvFile(file, "/").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  return error instanceof Error ? error.message : "";
}

describe("an env file", () => {
  test("is read with comments, quotes, export, line ends of Windows and a byte order mark", async () => {
    const file = write(
      "\uFEFF# a job\r\n\r\nexport A=1\r\nB = \"two # words\" # comment\r\nC='x\ny'\nD=\n  E=`q`\nF=a=b=\n# end",
    );
    const { variables } = await readEnvFile(file, "/");
    expect(variables).toEqual({ A: "1", B: "two # words", C: "x\ny", D: "", E: "q", F: "a=b=" });
  });

  test("reaches neither the environment of this process nor that of its children", async () => {
    await readEnvFile(write("TRISYNC_TEST_LEAK=1"), "/");
    expect(process.env["TRISYNC_TEST_LEAK"]).toBeUndefined();
  });

  test("need not exist in the working directory", async () => {
    const { dir } = createFakeWorld();
    expect(await readEnvFile(undefined, dir)).toEqual({ path: undefined, variables: {} });
  });

  test("is found in the working directory", async () => {
    const { dir } = createFakeWorld();
    writeFileSync(join(dir, ".env"), "A=1");
    expect(await readEnvFile(undefined, dir)).toEqual({ path: join(dir, ".env"), variables: { A: "1" } });
  });

  test("is not what Python keeps in a folder called .env", async () => {
    const { dir } = createFakeWorld();
    mkdirSync(join(dir, ".env"));
    expect((await readEnvFile(undefined, dir)).path).toBeUndefined();
  });

  test("must exist when it is named", async () => {
    const { dir } = createFakeWorld();
    expect(await refusal(join(dir, "gone.env"))).toContain("gone.env does not exist");
  });

  test("must not be a folder when it is named", async () => {
    expect(await refusal(createFakeWorld().dir)).toContain("is a folder");
  });

  test("must be readable", async () => {
    const file = join(createFakeWorld().dir, "loop.env");
    symlinkSync(file, file);
    expect(await refusal(file)).toContain("cannot be read (ELOOP)");
  });

  test("must be a text of reasonable size", async () => {
    expect(await refusal(write(Buffer.from("A=1\0")))).toContain("not a text file");
    expect(await refusal(write("#".repeat(1_000_001)))).toContain("too large");
  });

  test.each([
    ["a line without =", "A=1\nsecret-token-here\nB=2", "line 2: is not NAME=value"],
    ["a name with spaces", "A B=1", "line 1: is not NAME=value"],
    ["an open quote", 'A=1\n\nB="secret-token-here\n', "line 3: the quote that opens the value of B is not closed"],
    ["text after a quote", 'A="one" secret-token-here', "line 1: the quote that opens the value of A"],
    ["a # that would cut the value", "A=secret-token-here#rest", 'line 1: the value of A holds a "#"'],
    ["a name set twice", "A=1\nB=2\nA=3", "line 3: A is set a second time"],
  ])("tells of %s by line, without showing it", async (_title, content, expected) => {
    const message = await refusal(write(content));
    expect(message).toContain(expected);
    expect(message).not.toContain("secret-token-here");
  });

  test("tells of all its mistakes at once", async () => {
    expect((await refusal(write("one\nA=1\ntwo"))).split("\n")).toHaveLength(2);
  });
});
