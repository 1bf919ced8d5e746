import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeJob, isInside, jobDirectory, listJobs, overlappingJobs } from "../../../lib/state/job-directory.js";
import { tempDir } from "./builders.js";

const SIDES = { local: "/home/ann/My Documents", remote: "dropbox:/Documents" };

describe("a job's directory", () => {
  test("is named after both sides, readably and without ambiguity", () => {
    const { id, dir } = jobDirectory("/state", SIDES);
    expect(id).toMatch(/^my-documents-dropbox-documents-[0-9a-f]{12}$/);
    expect(dir).toBe(`/state/jobs/${id}`);
    expect(jobDirectory("/state", SIDES).id).toBe(id);
  });

  test.each([
    { title: "another remote", sides: { ...SIDES, remote: "dropbox:/documents" } },
    { title: "another local root of the same name", sides: { ...SIDES, local: "/home/bob/My Documents" } },
    { title: "the sides cut elsewhere", sides: { local: "/home/ann/My Documentsd", remote: "ropbox:/Documents" } },
  ])("differs for $title", ({ sides }) => {
    expect(jobDirectory("/state", sides).id).not.toBe(jobDirectory("/state", SIDES).id);
  });

  test.each(["/", "/фото", "/\u{1F600}", `/${"x".repeat(300)}`, "/..", "C:\\Users\\Ann"])(
    "is one plain name for %s",
    (local) => {
      expect(jobDirectory("/state", { local, remote: "folder:/mnt/x" }).id).toMatch(/^[a-z0-9-]{12,60}$/);
    },
  );
});

describe("the jobs of a state directory", () => {
  test("are listed by id, with their description where it can be read", () => {
    const stateDir = tempDir();
    expect(listJobs(stateDir)).toEqual([]);
    const described = jobDirectory(stateDir, SIDES);
    describeJob(described.dir, { ...SIDES, createdMs: 5 });
    const plain = join(stateDir, "jobs", "never-synced");
    mkdirSync(plain);
    const damaged = join(stateDir, "jobs", "x-damaged");
    mkdirSync(damaged);
    writeFileSync(join(damaged, "job.json"), '{"local":1}');
    writeFileSync(join(stateDir, "jobs", "a file"), "");
    expect(listJobs(stateDir)).toEqual([
      { id: described.id, dir: described.dir, description: { ...SIDES, createdMs: 5 } },
      { id: "never-synced", dir: plain, description: undefined },
      { id: "x-damaged", dir: damaged, description: undefined },
    ]);
    expect(statSync(join(described.dir, "job.json")).mode & 0o777).toBe(0o600);
  });

  test("keep the description of the first sync", () => {
    const { dir } = jobDirectory(tempDir(), SIDES);
    describeJob(dir, { ...SIDES, createdMs: 5 });
    const text = readFileSync(join(dir, "job.json"), "utf8");
    describeJob(dir, { ...SIDES, createdMs: 6 });
    expect(readFileSync(join(dir, "job.json"), "utf8")).toBe(text);
    expect(existsSync(join(dir, "job.json.new"))).toBe(false);
  });

  test("overlap when one local root lies in another", () => {
    const job = (local: string) => ({ id: local, dir: "", description: { local, remote: "folder:/r", createdMs: 0 } });
    const jobs = [
      job("/x"),
      job("/x/sub"),
      job("/x/sub/deep"),
      job("/xy"),
      job("/y"),
      { id: "?", dir: "", description: undefined },
    ];
    const overlapping = (local: string) => overlappingJobs(jobs, { local, remote: "dropbox:/" }).map(({ id }) => id);
    expect(overlapping("/x/sub")).toEqual(["/x", "/x/sub/deep"]);
    expect(overlapping("/x")).toEqual(["/x/sub", "/x/sub/deep"]);
    expect(overlapping("/z")).toEqual([]);
  });
});

test.each([
  ["/a", "/a", true],
  ["/a/b", "/a", true],
  ["/a/..b", "/a", true],
  ["/ab", "/a", false],
  ["/", "/a", false],
  ["/b/a", "/a", false],
])("%s inside %s: %s", (path, folder, expected) => {
  expect(isInside(path, folder)).toBe(expected);
});
