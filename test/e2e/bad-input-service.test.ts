import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { startProxy } from "../support/proxy-server.js";
import type { Fault } from "../emulators/dropbox/faults.js";
import { rowsTried } from "./effort.js";
import { useDropbox } from "./dropbox-account.js";
import { inTemporaryDirectory } from "./executable.js";
import { expectEnd, textsIn, withFolderJob, write } from "./folder-job.js";
import { Job } from "./job.js";

const account = useDropbox();

/** Retries wait for a time drawn from 0 up; with this draw they do not wait. All else stays as it is. */
const IMPATIENT = { NODE_OPTIONS: "--import=data:text/javascript,Math.random=()=>0" };

const FILES = { "a.txt": "1", "b.txt": "2", "docs/c.txt": "3", "docs/d.txt": "4" };
const TREE = { ...FILES, docs: null };

describe("answers that cannot be trusted", () => {
  /** Each strikes the listing of a run that has files to bring down, to delete here and to delete there. */
  const bad: readonly { readonly title: string; readonly fault: Fault; readonly says: RegExp }[] = [
    {
      title: "a web page, as a network's sign-in sends it",
      fault: { route: "files/list_folder/continue", kind: "html", times: 99 },
      says: /web page, perhaps the sign-in page of this network; run again later/,
    },
    {
      title: "a web page with every answer",
      fault: { route: "*", kind: "html", times: 99 },
      says: /web page, perhaps the sign-in page of this network/,
    },
    {
      title: "half of the JSON",
      fault: { route: "files/list_folder/continue", kind: "half-json", times: 99 },
      says: /the answer is cut off; run again later/,
    },
    {
      title: "an answer that breaks off",
      fault: { route: "files/list_folder/continue", kind: "cut-half", times: 99 },
      says: /the connection broke|ended before its announced length/,
    },
    {
      title: "nothing at all",
      fault: { route: "files/list_folder/continue", kind: "status", status: 200, body: "", times: 99 },
      says: /the answer is empty; run again later/,
    },
    {
      title: "JSON of another shape",
      fault: { route: "files/list_folder/continue", kind: "status", status: 200, body: `{"entries":{}}`, times: 99 },
      says: /does not have the documented shape/,
    },
    {
      title: "a server error that stays",
      fault: { route: "files/list_folder/continue", kind: "status", status: 500, body: "oops", times: 99 },
      says: /500 Internal Server Error from 127\.0\.0\.1:\d+; tried \d+ times, run again later/,
    },
  ];

  test.each(rowsTried(bad))(
    "$title: nothing is done, and the next run is a whole one",
    async ({ title, fault, says }) => {
      await withAccount(`Bad ${title.length.toString()} ${fault.kind}`, FILES, async ({ local, remote, job }) => {
        await account().write(`${remote}/new there.txt`, "5");
        await account().delete(`${remote}/a.txt`);
        await unlink(join(local, "b.txt"));
        await write(local, { "new here.txt": "6" });
        const [here, there] = [await textsIn(local), await account().texts(remote)];
        await account().fault(fault);
        expectEnd(await job.run("sync", [], { env: IMPATIENT }), 75, [says], secrets(job));
        expect(await textsIn(local)).toEqual(here);
        expect(await account().texts(remote)).toEqual(there);
        await account().clearFaults();
        await job.syncWell();
        const both = { docs: null, "docs/c.txt": "3", "docs/d.txt": "4", "new here.txt": "6", "new there.txt": "5" };
        expect(await textsIn(local)).toEqual(both);
        expect(await account().texts(remote)).toEqual(both);
      });
    },
  );

  test("a server error, or a broken answer, that passes is asked again", async () => {
    await withAccount("Passing", FILES, async ({ local, remote, job }) => {
      await account().write(`${remote}/new.txt`, "more than nine bytes");
      await account().fault({ route: "files/list_folder/continue", kind: "status", status: 500 });
      await account().fault({ route: "files/list_folder/continue", kind: "cut-half", nth: 2 });
      await account().fault({ route: "files/download", kind: "status", status: 503 });
      await account().fault({ route: "files/download", kind: "truncated-download", nth: 2, afterBytes: 9 });
      expect((await job.run("sync", [], { env: IMPATIENT })).code).toBe(0);
      expect(await account().pendingFaults()).toBe(0);
      expect(await textsIn(local)).toEqual({ ...TREE, "new.txt": "more than nine bytes" });
    });
  });

  test("a server error in the middle of a full listing deletes nothing, and the cursor is not lost", async () => {
    await withAccount("Middle", manyFiles(60), async ({ local, remote, job }) => {
      await account().resetCursors();
      await account().fault({ route: "files/list_folder", kind: "short-page", entries: 20, times: 99 });
      await account().fault({ route: "files/list_folder/continue", kind: "status", status: 500, nth: 2, times: 99 });
      const before = await textsIn(local);
      expectEnd(await job.run("sync", [], { env: IMPATIENT }), 75, [/list dropbox:\/Middle: 500/], secrets(job));
      expect(await textsIn(local)).toEqual(before);
      await account().clearFaults();
      await job.syncNothing();
      expect(await account().texts(remote)).toEqual(before);
    });
  });

  test("a listing that is short without a word deletes nothing", async () => {
    await withAccount("Short", manyFiles(60), async ({ local, remote, job }) => {
      const before = await textsIn(local);
      await account().resetCursors();
      await account().fault({ route: "files/list_folder", kind: "missing-entries", count: 12 });
      const ran = await job.run("sync");
      expect([0, 3], ran.stderr).toContain(ran.code);
      expect(await textsIn(local)).toEqual(before);
      expect(await account().texts(remote)).toEqual(before);
      await job.syncWell();
      await job.syncNothing();
      expect(await textsIn(local)).toEqual(before);
    });
  });

  test("a listing that is empty without a word is refused", async () => {
    await withAccount("Hollow", manyFiles(30), async ({ local, job }) => {
      const before = await textsIn(local);
      await account().resetCursors();
      await account().fault({ route: "files/list_folder", kind: "missing-entries", count: 1000 });
      expectEnd(await job.run("sync"), 4, [/Nothing was changed.*--approve/], secrets(job));
      expect(await textsIn(local)).toEqual(before);
      await account().resetCursors();
      await job.syncNothing();
    });
  });

  const contents: readonly { readonly title: string; readonly fault: Fault }[] = [
    { title: "a web page", fault: { route: "files/download", kind: "html", times: 99 } },
    { title: "one wrong byte", fault: { route: "files/download", kind: "wrong-bytes", times: 99 } },
    {
      title: "too few bytes",
      fault: { route: "files/download", kind: "truncated-download", afterBytes: 9, quiet: true, times: 99 },
    },
    {
      title: "a broken connection",
      fault: { route: "files/download", kind: "truncated-download", afterBytes: 0, times: 99 },
    },
  ];

  test.each(rowsTried(contents))("$title instead of the content never takes its name", async ({ title, fault }) => {
    await withAccount(`Content ${title}`, FILES, async ({ local, remote, job }) => {
      await account().write(`${remote}/a.txt`, "the new content of this file");
      await account().fault(fault);
      const ran = await job.run("sync", [], { env: IMPATIENT });
      expect([3, 75], ran.stderr).toContain(ran.code);
      expectEnd(ran, ran.code ?? 0, [/a\.txt/], secrets(job));
      expect(await textsIn(local)).toEqual(TREE);
      await account().clearFaults();
      await job.syncWell();
      expect(await textsIn(local)).toEqual({ ...TREE, "a.txt": "the new content of this file" });
    });
  });
});

describe("a folder on Dropbox that is none", () => {
  test("but a file is told before the first run and after it; nothing is done", async () => {
    await withAccount("Folder", FILES, async ({ local, remote, job }) => {
      await account().write("/a file", "x");
      const onFile = new Job({ ...job.places, remote: "dropbox:/a file" });
      expectEnd(
        await onFile.run("sync"),
        2,
        [/dropbox:\/a file is a file, not a folder; choose another folder/],
        secrets(job),
      );
      await account().move(remote, "/elsewhere");
      await account().write(remote, "in its place");
      for (let round = 1; round <= 2; round++) {
        expectEnd(await job.run("sync"), 2, [/dropbox:\/Folder is a file, not a folder; choose another folder/]);
        expect(await textsIn(local)).toEqual(TREE);
        expect(await account().texts("/elsewhere")).toEqual(TREE);
      }
      await account().delete(remote);
      await account().move("/elsewhere", remote);
      await job.syncWell();
      expect(await account().texts(remote)).toEqual(TREE);
    });
  });

  const gone = [
    { title: "was deleted", then: async () => Promise.resolve(), says: /the remote folder is missing/ },
    { title: "was made anew", then: (path: string) => account().mkdir(path), says: /not the one of the last run/ },
  ] as const;

  test.each(rowsTried(gone))(
    "any more, because it $title, is refused until that is approved",
    async ({ title, then, says }) => {
      await withAccount(`Folder ${title}`, FILES, async ({ local, remote, job }) => {
        await account().delete(remote);
        await then(remote);
        let id = "";
        for (let round = 1; round <= 2; round++) {
          const ran = await job.run("sync");
          expectEnd(ran, 4, [says, /Nothing was changed.*--approve \w+/], secrets(job));
          id = /--approve (\w+)/.exec(ran.stderr)?.[1] ?? "";
          expect(await textsIn(local)).toEqual(TREE);
        }
        await job.syncWell(["--approve", id]);
        expect(await textsIn(local)).toEqual(TREE);
        expect(await account().texts(remote)).toEqual(TREE);
      });
    },
  );

  test("any more, because all in it was deleted, is refused", async () => {
    await withAccount("Emptied", manyFiles(30), async ({ local, remote, job }) => {
      for (const name of Object.keys(manyFiles(30))) await account().delete(`${remote}/${name}`);
      for (let round = 1; round <= 2; round++) {
        expectEnd(
          await job.run("sync"),
          4,
          [/30 of 30 files would be deleted.*Nothing was changed.*--approve/],
          secrets(job),
        );
        expect(await textsIn(local)).toEqual(manyFiles(30));
      }
    });
  });
});

describe("a sign-in that does not hold", () => {
  test("any more in the middle of the run ends it with what is done kept; the next sign-in goes on", async () => {
    await withAccount("Revoked", {}, async ({ local, remote, job }) => {
      await write(local, manyFiles(30));
      await account().writeMany({ [`${remote}/x.txt`]: "x", [`${remote}/y.txt`]: "y" });
      await account().fault({ route: "files/download", kind: "slow", ms: 1500, times: 2 });
      await account().forgetRequests();
      const running = job.run("sync", ["--concurrency", "2"]);
      await untilAsked("files/download");
      await account().revokeTokens();
      expectEnd(await running, 12, [/trisync login dropbox/], secrets(job));
      const here = await textsIn(local);
      expect(here).toMatchObject(manyFiles(30));
      expect(await account().texts(remote)).toMatchObject({ "x.txt": "x", "y.txt": "y" });
      const again = new Job({ ...job.places, env: await freshEnv() });
      await again.syncWell();
      expect(await textsIn(local)).toEqual(await account().texts(remote));
      await again.syncNothing();
    });
  });

  test("from the start, or is missing, is told with the command that mends it", async () => {
    await withAccount("Unknown", { "a.txt": "1" }, async ({ local, remote, job }) => {
      await write(local, { "b.txt": "2" });
      const { DROPBOX_REFRESH_TOKEN: _, ...bare } = account().env;
      const attempts = [
        { env: bare, secret: "none" },
        { env: { ...bare, DROPBOX_REFRESH_TOKEN: "no-such-refresh-token" }, secret: "no-such-refresh-token" },
        { env: { ...bare, DROPBOX_ACCESS_TOKEN: "no-such-access-token" }, secret: "no-such-access-token" },
        { env: { ...bare, DROPBOX_ACCESS_TOKEN: "two lines\nof-secret" }, secret: "of-secret" },
      ];
      for (const { env, secret } of attempts) {
        const ran = await new Job({ ...job.places, env }).run("sync", ["-vv"]);
        expectEnd(ran, 12, [secret === "of-secret" ? /access token/ : /trisync login dropbox/], [secret]);
      }
      expect(await account().texts(remote)).toEqual({ "a.txt": "1" });
      await account().emulator.control("resetCounters");
      await new Job({ ...job.places, env: await freshEnv() }).syncWell();
      expect(await account().texts(remote)).toEqual({ "a.txt": "1", "b.txt": "2" });
    });
  });
});

describe("a proxy", () => {
  test.each(rowsTried([403, 407, 502]))(
    "that refuses with %i is named without its password; nothing is done",
    async (status) => {
      await withAccount(`Proxy ${status.toString()}`, FILES, async ({ local, remote, job }) => {
        await write(local, { "new.txt": "5" });
        const proxy = await startProxy({ port: 1, refuseWith: status });
        const { host } = new URL(proxy.url);
        const address = proxy.url.replace("http://", "http://somebody:pr0xy-pass@");
        try {
          const ran = await job.run("sync", ["-vv"], { env: { ...IMPATIENT, HTTP_PROXY: address } });
          expectEnd(
            ran,
            75,
            [`the proxy ${host} refused the connection with ${status.toString()}`],
            [...secrets(job), "pr0xy-pass"],
          );
        } finally {
          await proxy.close();
        }
        expect(await account().texts(remote)).toEqual(TREE);
        await job.syncWell();
      });
    },
  );

  test("that is not there is named without its password; nothing is done", async () => {
    await withAccount("Proxy gone", FILES, async ({ local, remote, job }) => {
      await write(local, { "new.txt": "5" });
      const port = await freePort();
      const env = { ...IMPATIENT, HTTP_PROXY: `http://somebody:pr0xy-pass@127.0.0.1:${port.toString()}` };
      const ran = await job.run("sync", ["-vv"], { env });
      const says = [
        new RegExp(
          `connection refused through the proxy 127\\.0\\.0\\.1:${port.toString()}.*check HTTPS_PROXY, HTTP_PROXY`,
        ),
      ];
      expectEnd(ran, 75, says, [...secrets(job), "pr0xy-pass"]);
      expect(await account().texts(remote)).toEqual(TREE);
      await job.syncWell();
    });
  });

  test("whose address is none is a mistake, and not shown, as it may hold a password", async () => {
    await withAccount("Proxy odd", FILES, async ({ job }) => {
      const ran = await job.run("sync", ["-vv"], { env: { HTTP_PROXY: "socks5://somebody:pr0xy-pass@127.0.0.1:1" } });
      expectEnd(
        ran,
        2,
        [/HTTP_PROXY is not the address of an HTTP proxy; write it as http:\/\/host:port/],
        ["pr0xy-pass"],
      );
      await job.syncWell();
    });
  });
});

describe("a reader of the output", () => {
  test("that goes away ends the output, never the run", async () => {
    await withFolderJob(
      manyFiles(300),
      async ({ local, remote, job }) => {
        const ran = await job.run("sync", ["--json", "-vv"], {
          started: (child) => {
            child.stdout?.destroy();
            child.stderr?.destroy();
          },
        });
        expect(ran.code).toBe(0);
        expect(await textsIn(remote)).toEqual(await textsIn(local));
        await job.syncNothing();
      },
      { isNew: true },
    );
  });

  test("whose disk is full ends the output, never the run", async () => {
    await withFolderJob(
      manyFiles(300),
      async ({ local, remote, job }) => {
        const through = ["sh", "-c", `exec "$@" > /dev/full 2> /dev/full`, "sh"];
        const ran = await job.run("sync", ["--json", "-v"], { through });
        expect(ran.code).toBe(0);
        expect(await textsIn(remote)).toEqual(await textsIn(local));
        await write(local, { "one more.txt": "1" });
        const logged = await job.run("sync", ["--log-file", "/dev/full"]);
        expectEnd(logged, 0, []);
        expect(await textsIn(remote)).toEqual(await textsIn(local));
        await job.syncNothing();
      },
      { isNew: true },
    );
  });
});

interface AccountJob {
  readonly local: string;
  /** The folder's path on Dropbox. */
  readonly remote: string;
  readonly job: Job;
}

/** A job that has agreed on these files. */
async function withAccount(
  name: string,
  files: Readonly<Record<string, string>>,
  use: (at: AccountJob) => Promise<void>,
): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const local = join(directory, "local");
    await mkdir(local);
    await write(local, files);
    await account().mkdir(`/${name}`);
    const job = new Job({ local, remote: `dropbox:/${name}`, state: join(directory, "state"), env: await freshEnv() });
    await job.syncWell();
    await use({ local, remote: `/${name}`, job });
  });
}

const issuedSchema = z.object({ refreshToken: z.string() });

/** A sign-in of its own, so that no test hears of another's. */
async function freshEnv(): Promise<Readonly<Record<string, string>>> {
  const { refreshToken } = issuedSchema.parse(await account().emulator.control("tokens.issue"));
  return { ...account().env, DROPBOX_REFRESH_TOKEN: refreshToken };
}

/** What no output may show. Access tokens of the emulated service all begin alike. */
function secrets({ places }: Job): readonly string[] {
  return [places.env?.["DROPBOX_REFRESH_TOKEN"] ?? "no token", account().emulator.app.secret, "sl.u.", "Bearer"];
}

function manyFiles(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`file-${i.toString()}.txt`, `content ${i.toString()}`]),
  );
}

async function untilAsked(route: string): Promise<void> {
  while (!(await account().requests()).some((request) => request.route === route)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port where nobody listens: one that was just given back. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
