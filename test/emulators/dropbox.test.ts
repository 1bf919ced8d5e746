import { readFile } from "node:fs/promises";
import type { Dropbox, files } from "dropbox";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { ContentHasher } from "./dropbox/content-hasher.js";
import { type DropboxEmulator, startDropboxEmulator } from "./dropbox/emulator.js";
import { startEmulatorProcess } from "./dropbox/emulator-process.js";
import { redirectedUrl, sdkAuthFor, sdkError, sdkFor } from "./dropbox/official-sdk.js";
import { lowerCase } from "./dropbox/paths.js";

const MIB = 1024 * 1024;

let emulator: DropboxEmulator;
let dbx: Dropbox;

beforeEach(async () => {
  emulator = await startDropboxEmulator();
  dbx = sdkFor(emulator);
  return () => emulator.close();
});

describe("the official SDK lists", () => {
  test("a tree over several pages, and then only what changed", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) emulator.remote.write(`/Docs/${name}.txt`, name);
    const first = await listAll({ path: "", recursive: true, limit: 2 });
    expect(first.pages).toBe(3);
    expect(first.paths).toEqual(["/docs", "/docs/a.txt", "/docs/b.txt", "/docs/c.txt", "/docs/d.txt", "/docs/e.txt"]);

    emulator.remote.write("/Docs/a.txt", "changed twice");
    emulator.remote.write("/Docs/a.txt", "changed again");
    emulator.remote.delete("/Docs/b.txt");
    emulator.remote.write("/New/f.txt", "f");
    const delta = await listChanges(first.cursor);
    expect(delta.changes).toEqual(["file /docs/a.txt", "deleted /docs/b.txt", "folder /new", "file /new/f.txt"]);
    expect((await listChanges(delta.cursor)).changes).toEqual([]);
  });

  test("one folder flatly, and a folder itself as an entry of its recursive listing", async () => {
    emulator.remote.write("/Docs/sub/a.txt", "a");
    const flat = await listAll({ path: "/docs" });
    expect(flat.paths).toEqual(["/docs/sub"]);
    const deep = await listAll({ path: "/Docs", recursive: true });
    expect(deep.paths).toEqual(["/docs", "/docs/sub", "/docs/sub/a.txt"]);
  });

  test("deleted folders as one entry, unless they came back meanwhile", async () => {
    emulator.remote.write("/Gone/x/a.txt", "a");
    emulator.remote.write("/Back/old.txt", "old");
    const { result: latest } = await dbx.filesListFolderGetLatestCursor({ path: "", recursive: true });
    emulator.remote.delete("/Gone");
    emulator.remote.delete("/Back");
    emulator.remote.write("/Back/new.txt", "new");
    expect((await listChanges(latest.cursor)).changes).toEqual([
      "deleted /gone",
      "deleted /back/old.txt",
      "folder /back",
      "file /back/new.txt",
    ]);
  });

  test("what was written while the pages were read comes in the delta", async () => {
    for (const name of ["a", "b", "c"]) emulator.remote.write(`/${name}`, name);
    const first = await dbx.filesListFolder({ path: "", limit: 1 });
    emulator.remote.write("/late", "late");
    emulator.remote.delete("/a");
    const { changes } = await listChanges(first.result.cursor);
    const rest = await listChanges((await listChanges(first.result.cursor)).cursor);
    expect([...changes, ...rest.changes]).toEqual(expect.arrayContaining(["file /late", "deleted /a"]));
  });

  test("deleted entries on demand, and documents that cannot be downloaded", async () => {
    emulator.remote.write("/gone.txt", "x");
    emulator.remote.delete("/gone.txt");
    emulator.remote.write("/notes.paper", "", { exportAs: "docx" });
    expect((await listAll({ path: "", include_deleted: true })).paths).toEqual(["/gone.txt", "/notes.paper"]);
    expect((await listAll({ path: "", include_non_downloadable_files: false })).paths).toEqual([]);
    const failure = await sdkError(dbx.filesDownload({ path: "/notes.paper" }));
    expect(failure).toMatchObject({ status: 409, error: { error: { ".tag": "unsupported_file" } } });
  });

  test("errors: a missing folder, a file, the root as a slash, a reset cursor, a cursor of nobody", async () => {
    emulator.remote.write("/file.txt", "x");
    expect(await tagsOf(dbx.filesListFolder({ path: "/none" }))).toBe("path/not_found");
    expect(await tagsOf(dbx.filesListFolder({ path: "/file.txt" }))).toBe("path/not_folder");
    const { result } = await dbx.filesListFolder({ path: "" });
    emulator.resetCursors();
    expect(await tagsOf(dbx.filesListFolderContinue({ cursor: result.cursor }))).toBe("reset");
    emulator.remote.mkdir("/soon gone");
    const inside = await dbx.filesListFolder({ path: "/soon gone" });
    emulator.remote.delete("/soon gone");
    expect(await tagsOf(dbx.filesListFolderContinue({ cursor: inside.result.cursor }))).toBe("path/not_found");
    expect(emulator.misuse).toEqual([]);
    expect(await sdkError(dbx.filesListFolder({ path: "/" }))).toMatchObject({ status: 400 });
    expect(await sdkError(dbx.filesListFolderContinue({ cursor: "AAmade-up" }))).toMatchObject({ status: 400 });
    expect(emulator.misuse).toHaveLength(2);
  });

  test("ragged pages: empty ones, short ones, one too many, and still every entry once", async () => {
    emulator.settings.paging = "ragged";
    for (let index = 0; index < 60; index += 1) emulator.remote.write(`/f${String(index)}`, "x");
    const sizes: number[] = [];
    const { paths } = await listAll({ path: "", limit: 4 }, (size) => sizes.push(size));
    expect(paths).toHaveLength(60);
    expect(new Set(paths).size).toBe(60);
    expect(Math.min(...sizes)).toBe(0);
    expect(Math.max(...sizes)).toBe(5);
  });
});

describe("the official SDK uploads", () => {
  test("a new file, with its times, hash and missing parents", async () => {
    const { result } = await dbx.filesUpload({
      path: "/Docs/Sub/Plan.txt",
      contents: Buffer.from("hello"),
      client_modified: "2026-03-01T09:30:00Z",
      content_hash: "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50",
    });
    expect(result).toMatchObject({ name: "Plan.txt", size: 5, client_modified: "2026-03-01T09:30:00Z" });
    expect(result).not.toHaveProperty(".tag");
    expect(await emulator.remote.tree()).toEqual({
      "/Docs": null,
      "/Docs/Sub": null,
      "/Docs/Sub/Plan.txt": Buffer.from("hello"),
    });
  });

  test("by the conflict rules of add, overwrite and update", async () => {
    const old = emulator.remote.write("/a.txt", "old");
    expect(await tagsOf(upload("/a.txt", "new"))).toBe("path/conflict/file");
    expect(await tagsOf(upload("/a.txt", "new", { mode: update("0164c0ffee9999999") }))).toBe("path/conflict/file");
    const updated = await upload("/a.txt", "new", { mode: update(old.rev) });
    expect(updated.result.id).toBe(old.id);
    expect(updated.result.rev).not.toBe(old.rev);
    await upload("/a.txt", "newest", { mode: { ".tag": "overwrite" } });
    expect((await emulator.remote.read("/A.TXT")).toString()).toBe("newest");
    emulator.remote.mkdir("/folder");
    expect(await tagsOf(upload("/folder", "x", { mode: { ".tag": "overwrite" } }))).toBe("path/conflict/folder");
    expect(await tagsOf(upload("/a.txt/b", "x"))).toBe("path/conflict/file_ancestor");
  });

  test("an update of a deleted file is written, unless conflicts are strict", async () => {
    const old = emulator.remote.write("/a.txt", "old");
    emulator.remote.delete("/a.txt");
    expect(await tagsOf(upload("/a.txt", "new", { mode: update(old.rev), strict_conflict: true }))).toBe(
      "path/conflict/file",
    );
    const written = await upload("/a.txt", "new", { mode: update(old.rev) });
    expect(written.result.id).not.toBe(old.id);
  });

  test("identical content is a success that changes nothing, unless conflicts are strict", async () => {
    const clientModified = new Date("2020-01-01T00:00:00Z");
    const old = emulator.remote.write("/a.txt", "same", { clientModified });
    const again = await upload("/a.txt", "same", { client_modified: "2026-03-01T09:30:00Z" });
    expect(again.result).toMatchObject({ rev: old.rev, client_modified: "2020-01-01T00:00:00Z" });
    expect(await tagsOf(upload("/a.txt", "same", { strict_conflict: true }))).toBe("path/conflict/file");
  });

  test("under another name when asked to", async () => {
    emulator.remote.write("/a.tar.gz", "old");
    const second = await upload("/a.tar.gz", "new", { autorename: true });
    const third = await upload("/a.tar.gz", "newer", { autorename: true });
    const copy = await upload("/a.tar.gz", "other", { autorename: true, mode: update("0164c0ffee9999999") });
    expect([second, third, copy].map(({ result }) => result.name)).toEqual([
      "a.tar (2).gz",
      "a.tar (3).gz",
      "a.tar (conflicted copy).gz",
    ]);
  });

  test("names the service does not store are refused", async () => {
    const names = [".DS_Store", "Thumbs.db", "x".repeat(256), "tail ", "dot.", "back\\slash", "lone\ud800"];
    const tags = await Promise.all(names.map((name) => tagsOf(upload(`/${name}`, "x"))));
    expect(tags.slice(0, 2)).toEqual(["path/disallowed_name", "path/disallowed_name"]);
    expect(new Set(tags.slice(2))).toEqual(new Set(["path/malformed_path"]));
    await upload(`/${"x".repeat(255)}`, "x");
  });

  test("a failed commit keeps the bytes for a finish", async () => {
    emulator.remote.write("/a.txt", "old");
    const { error } = await sdkError(upload("/a.txt", "new content"));
    const { upload_session_id } = z.object({ error: z.object({ upload_session_id: z.string() }) }).parse(error).error;
    const { result } = await dbx.filesUploadSessionFinish({
      cursor: { session_id: upload_session_id, offset: 11 },
      commit: { path: "/b.txt" },
      contents: "",
    });
    expect(result).toMatchObject({ name: "b.txt", size: 11 });
  });

  test("too much, a wrong hash, no space", async () => {
    emulator.settings.requestBytes = 10;
    expect(await tagsOf(upload("/big", "x".repeat(11)))).toBe("payload_too_large");
    expect(await tagsOf(upload("/a", "x", { content_hash: "0".repeat(64) }))).toBe("content_hash_mismatch");
    expect(emulator.misuse).toHaveLength(2);
    emulator.settings.quotaBytes = 5;
    expect(await tagsOf(upload("/a", "123456"))).toBe("path/insufficient_space");
    expect(emulator.misuse).toHaveLength(2);
    expect(await emulator.remote.tree()).toEqual({});
  });
});

describe("upload sessions", () => {
  test("sequential: start, append, finish with the last bytes", async () => {
    const start = await dbx.filesUploadSessionStart({ contents: "one " });
    const { session_id } = start.result;
    await dbx.filesUploadSessionAppendV2({ cursor: { session_id, offset: 4 }, contents: "two " });
    const wrong = dbx.filesUploadSessionAppendV2({ cursor: { session_id, offset: 4 }, contents: "two " });
    expect((await sdkError(wrong)).error).toMatchObject({ error: { ".tag": "incorrect_offset", correct_offset: 8 } });
    const { result } = await dbx.filesUploadSessionFinish({
      cursor: { session_id, offset: 8 },
      commit: { path: "/s.txt" },
      contents: "three",
    });
    expect(result.size).toBe(13);
    expect((await emulator.remote.read("/s.txt")).toString()).toBe("one two three");
    const twice = dbx.filesUploadSessionFinish({ cursor: { session_id, offset: 13 }, commit: { path: "/s.txt" } });
    expect(await tagsOf(twice)).toBe("lookup_failed/not_found");
    expect(emulator.openSessions()).toEqual([]);
  });

  test("a finish that meets a conflict keeps its bytes; the offset has moved on", async () => {
    emulator.remote.write("/s.txt", "old");
    const { session_id } = (await dbx.filesUploadSessionStart({ contents: "abc" })).result;
    const finish = (offset: number, path: string, contents: string): Promise<unknown> =>
      dbx.filesUploadSessionFinish({ cursor: { session_id, offset }, commit: { path }, contents });
    expect(await tagsOf(finish(3, "/s.txt", "def"))).toBe("path/conflict/file");
    expect(await tagsOf(finish(3, "/t.txt", "def"))).toBe("lookup_failed/incorrect_offset");
    await finish(6, "/t.txt", "");
    expect((await emulator.remote.read("/t.txt")).toString()).toBe("abcdef");
  });

  test("closed and expired sessions take nothing more", async () => {
    const { session_id } = (await dbx.filesUploadSessionStart({ contents: "abc", close: true })).result;
    const append = (): Promise<unknown> =>
      dbx.filesUploadSessionAppendV2({ cursor: { session_id, offset: 3 }, contents: "x" });
    expect(await tagsOf(append())).toBe("closed");
    emulator.advanceClock(7 * 24 * 3600 * 1000 + 1);
    dbx = sdkFor(emulator);
    expect(await tagsOf(append())).toBe("not_found");
  });

  test("concurrent: pieces in any order, aligned, closed by the last one", async () => {
    const { session_id } = (await dbx.filesUploadSessionStart({ session_type: { ".tag": "concurrent" } })).result;
    const bytes = patterned(9 * MIB);
    const append = (from: number, to: number, close = false): Promise<unknown> =>
      dbx.filesUploadSessionAppendV2({
        cursor: { session_id, offset: from },
        contents: bytes.subarray(from, to),
        close,
      });
    const finish = (): Promise<{ readonly result: files.FileMetadata }> =>
      dbx.filesUploadSessionFinish({ cursor: { session_id, offset: bytes.length }, commit: { path: "/big.bin" } });
    expect(await tagsOf(append(1, 4 * MIB))).toBe("concurrent_session_invalid_offset");
    expect(await tagsOf(append(0, MIB))).toBe("concurrent_session_invalid_data_size");
    await append(8 * MIB, 9 * MIB, true);
    expect(await tagsOf(finish())).toBe("concurrent_session_missing_data");
    expect(emulator.misuse).toHaveLength(3);
    const { session_id: second } = (await dbx.filesUploadSessionStart({ session_type: { ".tag": "concurrent" } }))
      .result;
    expect(
      await tagsOf(dbx.filesUploadSessionFinish({ cursor: { session_id: second, offset: 0 }, commit: { path: "/x" } })),
    ).toBe("concurrent_session_not_closed");
  });

  test("concurrent: the pieces make up the file and its hash", async () => {
    const { session_id } = (await dbx.filesUploadSessionStart({ session_type: { ".tag": "concurrent" } })).result;
    const bytes = patterned(9 * MIB);
    const append = (from: number, to: number): Promise<unknown> =>
      dbx.filesUploadSessionAppendV2({
        cursor: { session_id, offset: from * MIB },
        contents: bytes.subarray(from * MIB, to * MIB),
        close: to === 9,
      });
    await Promise.all([append(4, 8), append(0, 4)]);
    await append(8, 9);
    expect(await tagsOf(append(0, 4))).toBe("closed");
    const { result } = await dbx.filesUploadSessionFinish({
      cursor: { session_id, offset: bytes.length },
      commit: { path: "/big.bin" },
    });
    expect(result.content_hash).toBe(hashOf(bytes));
    expect((await emulator.remote.read("/big.bin")).equals(bytes)).toBe(true);
  });

  test("many small files: start_batch, append_batch, finish_batch_v2, entry by entry", async () => {
    const { session_ids } = (await dbx.filesUploadSessionStartBatch({ num_sessions: 3 })).result;
    const texts = ["first", "second", "third"];
    const entries = session_ids.map((session_id, index) => ({
      cursor: { session_id, offset: 0 },
      length: texts[index]?.length ?? 0,
      close: true,
    }));
    const appended = await appendBatch(entries, texts.join(""));
    expect(appended).toEqual({ entries: session_ids.map(() => ({ ".tag": "success" })) });
    emulator.remote.write("/1.txt", "in the way");
    const finished = await dbx.filesUploadSessionFinishBatchV2({
      entries: session_ids.map((session_id, index) => ({
        cursor: { session_id, offset: texts[index]?.length ?? 0 },
        commit: { path: `/${String(index)}.txt` },
      })),
    });
    expect(finished.result.entries).toMatchObject([
      { ".tag": "success", name: "0.txt", size: 5 },
      { ".tag": "failure", failure: { ".tag": "path", path: { ".tag": "conflict", conflict: { ".tag": "file" } } } },
      { ".tag": "success", name: "2.txt", size: 5 },
    ]);
    expect((await emulator.remote.read("/2.txt")).toString()).toBe("third");
    expect(emulator.misuse).toEqual([]);
  });

  test("append_batch: lengths have to add up, and single entries may fail", async () => {
    const { session_ids } = (await dbx.filesUploadSessionStartBatch({ num_sessions: 1 })).result;
    const [session_id = ""] = session_ids;
    const piece = (id: string, offset: number): unknown => ({ cursor: { session_id: id, offset }, length: 2 });
    const unknown = piece("pid_upload_session:unknown", 0);
    expect(await appendBatch([piece(session_id, 0), unknown, piece(session_id, 7)], "aabbcc")).toEqual({
      entries: [
        { ".tag": "success" },
        { ".tag": "failure", failure: { ".tag": "not_found" } },
        { ".tag": "failure", failure: { ".tag": "incorrect_offset", correct_offset: 2 } },
      ],
    });
    expect(await appendBatch([piece(session_id, 2)], "abc")).toMatchObject({ error: { ".tag": "length_mismatch" } });
  });

  test("finish_batch with a job, and a session that was left open", async () => {
    const open = (await dbx.filesUploadSessionStart({ contents: "abc" })).result.session_id;
    // The SDK marks the route as deprecated; older clients still use it.
    const launch = await rpc("files/upload_session/finish_batch", {
      entries: [{ cursor: { session_id: open, offset: 3 }, commit: { path: "/a" } }],
    });
    const { async_job_id } = z.object({ async_job_id: z.string() }).parse(await launch.json());
    expect((await dbx.filesUploadSessionFinishBatchCheck({ async_job_id })).result).toEqual({ ".tag": "in_progress" });
    expect((await dbx.filesUploadSessionFinishBatchCheck({ async_job_id })).result).toMatchObject({
      ".tag": "complete",
      entries: [{ ".tag": "failure", failure: { ".tag": "lookup_failed", lookup_failed: { ".tag": "not_closed" } } }],
    });
    expect(emulator.misuse).toHaveLength(1);
  });
});

describe("the official SDK downloads", () => {
  test("by path, id and revision, also of what was replaced or deleted", async () => {
    const old = emulator.remote.write("/a.txt", "old");
    emulator.remote.write("/a.txt", "new");
    expect(await download("/a.txt")).toBe("new");
    expect(await download(old.id)).toBe("new");
    emulator.remote.delete("/a.txt");
    expect(await download(`rev:${old.rev}`)).toBe("old");
    expect(await tagsOf(dbx.filesDownload({ path: "/a.txt" }))).toBe("path/not_found");
    emulator.remote.mkdir("/dir");
    expect(await tagsOf(dbx.filesDownload({ path: "/dir" }))).toBe("path/not_file");
  });

  test("a range, an unknown range, an unchanged file, a temporary link", async () => {
    emulator.remote.write("/a.txt", "0123456789");
    const get = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${emulator.contentUrl}/2/files/download`, {
        method: "POST",
        headers: { ...bearer(), "Dropbox-API-Arg": '{"path":"/a.txt"}', ...headers },
      });
    const part = await get({ Range: "bytes=3-5" });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([206, "bytes 3-5/10", "345"]);
    expect(await (await get({ Range: "bytes=7-" })).text()).toBe("789");
    expect((await get({ Range: "bytes=10-" })).status).toBe(416);
    const etag = part.headers.get("etag") ?? "";
    expect((await get({ "If-None-Match": etag })).status).toBe(304);
    const { result } = await dbx.filesGetTemporaryLink({ path: "/a.txt" });
    expect(await (await fetch(result.link)).text()).toBe("0123456789");
    expect(emulator.misuse).toEqual([]);
  });

  test("names beyond ASCII travel escaped in both directions", async () => {
    const { result } = await upload("/Straße/😀 ü.txt", "x");
    expect(result.path_display).toBe("/Straße/😀 ü.txt");
    expect(await download("/straße/😀 Ü.TXT")).toBe("x");
  });
});

describe("the official SDK changes", () => {
  test("deletes, with the state before the deletion and an optional revision", async () => {
    const file = emulator.remote.write("/Docs/a.txt", "x");
    const wrong = dbx.filesDeleteV2({ path: "/Docs/a.txt", parent_rev: "0164c0ffee9999999" });
    expect(await tagsOf(wrong)).toBe("path_write/conflict/file");
    const { result } = await dbx.filesDeleteV2({ path: "/docs/A.txt", parent_rev: file.rev });
    expect(result.metadata).toMatchObject({ ".tag": "file", name: "a.txt", rev: file.rev });
    expect(await tagsOf(dbx.filesDeleteV2({ path: "/Docs/a.txt" }))).toBe("path_lookup/not_found");
    expect((await dbx.filesDeleteV2({ path: "/Docs" })).result.metadata[".tag"]).toBe("folder");
    expect(emulator.remote.deleted().map(({ path }) => path)).toEqual(["/Docs/a.txt"]);
  });

  test("delete_batch answers with a job and tells of every entry", async () => {
    emulator.remote.write("/a.txt", "a");
    const launch = await dbx.filesDeleteBatch({ entries: [{ path: "/a.txt" }, { path: "/none" }] });
    if (launch.result[".tag"] !== "async_job_id") throw new Error("expected a job");
    const { async_job_id } = launch.result;
    expect((await dbx.filesDeleteBatchCheck({ async_job_id })).result).toEqual({ ".tag": "in_progress" });
    expect((await dbx.filesDeleteBatchCheck({ async_job_id })).result).toMatchObject({
      ".tag": "complete",
      entries: [
        { ".tag": "success", metadata: { ".tag": "file", name: "a.txt" } },
        { ".tag": "failure", failure: { ".tag": "path_lookup", path_lookup: { ".tag": "not_found" } } },
      ],
    });
    expect(await tagsOf(dbx.filesMoveBatchCheckV2({ async_job_id }))).toBe("invalid_async_job_id");
  });

  test("a batch nobody polls is carried out all the same", async () => {
    emulator.settings.jobRunsAfterMs = 1;
    emulator.remote.write("/a.txt", "a");
    await dbx.filesDeleteBatch({ entries: [{ path: "/a.txt" }] });
    await expect.poll(() => emulator.remote.stat("/a.txt")).toBeUndefined();
  });

  test("creates folders, one and many", async () => {
    const { result } = await dbx.filesCreateFolderV2({ path: "/A/B" });
    expect(result.metadata).toMatchObject({ name: "B", path_lower: "/a/b" });
    expect(await tagsOf(dbx.filesCreateFolderV2({ path: "/a/b" }))).toBe("path/conflict/folder");
    expect((await dbx.filesCreateFolderV2({ path: "/a/b", autorename: true })).result.metadata.name).toBe("b (2)");
    const batch = await dbx.filesCreateFolderBatch({ paths: ["/C/D", "/C", "/C/D"] });
    expect(batch.result).toMatchObject({
      ".tag": "complete",
      entries: [
        { ".tag": "success", metadata: { name: "D" } },
        {
          ".tag": "failure",
          failure: { ".tag": "path", path: { ".tag": "conflict", conflict: { ".tag": "folder" } } },
        },
        { ".tag": "success", metadata: { name: "D" } },
      ],
    });
    expect((await dbx.filesCreateFolderBatch({ paths: ["/E"], force_async: true })).result[".tag"]).toBe(
      "async_job_id",
    );
  });

  test("moves and copies, never overwriting", async () => {
    const file = emulator.remote.write("/a/x.txt", "x");
    emulator.remote.write("/b/x.txt", "other");
    const moved = await dbx.filesMoveV2({ from_path: "/a", to_path: "/c/a2" });
    expect(moved.result.metadata).toMatchObject({ ".tag": "folder", path_display: "/c/a2" });
    expect(emulator.remote.stat("/c/a2/x.txt")?.id).toBe(file.id);
    const copied = await dbx.filesCopyV2({ from_path: "/c/a2/x.txt", to_path: "/copy.txt" });
    expect(emulator.remote.stat("/copy.txt")).toMatchObject({ contentHash: file.contentHash });
    expect(copied.result.metadata).not.toMatchObject({ id: file.id });
    const onto = dbx.filesMoveV2({ from_path: "/copy.txt", to_path: "/b/x.txt" });
    expect(await tagsOf(onto)).toBe("to/conflict/file");
    expect(await tagsOf(dbx.filesMoveV2({ from_path: "/none", to_path: "/n" }))).toBe("from_lookup/not_found");
    expect(await tagsOf(dbx.filesMoveV2({ from_path: "/c", to_path: "/c/d" }))).toBe("cant_move_folder_into_itself");
    const spelling = (autorename: boolean): Promise<unknown> =>
      dbx.filesMoveV2({ from_path: "/copy.txt", to_path: "/Copy.txt", autorename });
    expect(await tagsOf(spelling(false))).toBe("to/conflict/file");
    await spelling(true);
    expect(Object.keys(await emulator.remote.tree())).toContain("/Copy.txt");
  });

  test("a moved file is a deletion and a creation with the same id in the delta; a new case is nothing", async () => {
    const file = emulator.remote.write("/a.txt", "x");
    const { cursor } = await listAll({ path: "", recursive: true });
    emulator.remote.move("/a.txt", "/b.txt");
    emulator.remote.move("/b.txt", "/B.txt");
    const { result } = await dbx.filesListFolderContinue({ cursor });
    expect(result.entries).toMatchObject([
      { ".tag": "deleted", path_lower: "/a.txt" },
      { ".tag": "file", path_lower: "/b.txt", id: file.id },
    ]);
    emulator.remote.move("/B.txt", "/b.txt");
    expect((await dbx.filesListFolderContinue({ cursor: result.cursor })).result.entries).toEqual([]);
  });

  test("move_batch_v2 with polling; nested and double paths are refused", async () => {
    for (const name of ["a", "b", "c/d"]) emulator.remote.write(`/${name}`, name);
    const launch = await dbx.filesMoveBatchV2({
      entries: [
        { from_path: "/a", to_path: "/x/a" },
        { from_path: "/none", to_path: "/x/none" },
        { from_path: "/c", to_path: "/e" },
        { from_path: "/c/d", to_path: "/f" },
      ],
    });
    if (launch.result[".tag"] !== "async_job_id") throw new Error("expected a job");
    const { async_job_id } = launch.result;
    await dbx.filesMoveBatchCheckV2({ async_job_id });
    const nested = {
      ".tag": "failure",
      failure: { ".tag": "relocation_error", relocation_error: { ".tag": "duplicated_or_nested_paths" } },
    };
    expect((await dbx.filesMoveBatchCheckV2({ async_job_id })).result).toMatchObject({
      ".tag": "complete",
      entries: [
        { ".tag": "success", success: { ".tag": "file", path_display: "/x/a" } },
        { ".tag": "failure", failure: { relocation_error: { ".tag": "from_lookup" } } },
        nested,
        nested,
      ],
    });
    emulator.settings.jobs = "sync";
    const copied = await dbx.filesCopyBatchV2({ entries: [{ from_path: "/b", to_path: "/b2" }] });
    expect(copied.result).toMatchObject({ ".tag": "complete", entries: [{ ".tag": "success" }] });
  });

  test("lists revisions and restores them", async () => {
    const revs = ["1", "2", "3"].map((text) => emulator.remote.write("/a.txt", text).rev);
    emulator.remote.delete("/a.txt");
    const { result } = await dbx.filesListRevisions({ path: "/a.txt", limit: 2 });
    expect(result).toMatchObject({ is_deleted: true, has_more: true });
    expect(result.entries.map(({ rev }) => rev)).toEqual([revs[2], revs[1]]);
    const rest = await rpc("files/list_revisions", { path: "/a.txt", before_rev: revs[1] });
    expect(await rest.json()).toMatchObject({ entries: [{ rev: revs[0] }], has_more: false });
    await dbx.filesRestore({ path: "/a.txt", rev: revs[1] ?? "" });
    expect((await emulator.remote.read("/a.txt")).toString()).toBe("2");
    expect(await tagsOf(dbx.filesRestore({ path: "/a.txt", rev: "fffffffff" }))).toBe("invalid_revision");
    expect(emulator.remote.revisions("/a.txt")).toHaveLength(4);
  });

  test("get_metadata of files, folders, revisions and deleted entries", async () => {
    const file = emulator.remote.write("/Docs/a.txt", "x");
    const get = async (path: string, include_deleted = false): Promise<unknown> =>
      (await dbx.filesGetMetadata({ path, include_deleted })).result;
    expect(await get("/docs")).toMatchObject({ ".tag": "folder", name: "Docs" });
    expect(await get(file.id)).toMatchObject({ ".tag": "file", rev: file.rev });
    emulator.remote.delete("/Docs/a.txt");
    expect(await get(`rev:${file.rev}`)).toMatchObject({ ".tag": "file" });
    expect(await get("/Docs/a.txt", true)).toMatchObject({ ".tag": "deleted" });
    expect(await tagsOf(dbx.filesGetMetadata({ path: "/Docs/a.txt" }))).toBe("path/not_found");
    expect(await sdkError(dbx.filesGetMetadata({ path: "" }))).toMatchObject({ status: 400 });
  });
});

describe("accounts and roots", () => {
  test("account, space and the echo", async () => {
    emulator.remote.write("/a", "12345");
    const { result } = await dbx.usersGetCurrentAccount();
    expect(result).toMatchObject({ account_id: emulator.account.accountId, root_info: { ".tag": "user" } });
    expect(result.account_id).toHaveLength(40);
    expect((await dbx.usersGetSpaceUsage()).result).toMatchObject({ used: 5, allocation: { ".tag": "individual" } });
    expect((await dbx.checkUser({ query: "x" })).result).toEqual({ result: "x" });
  });

  test("another account has other files, and no use for the first one's cursors", async () => {
    emulator.remote.write("/a", "x");
    const { cursor } = await listAll({ path: "" });
    emulator.signInAs(emulator.addAccount());
    dbx = sdkFor(emulator);
    expect((await listAll({ path: "" })).paths).toEqual([]);
    expect(await tagsOf(dbx.filesListFolderContinue({ cursor }))).toBe("reset");
  });

  test("an app folder is the whole world of its app", async () => {
    emulator.settings.access = "app-folder";
    await upload("/a.txt", "x");
    expect((await listAll({ path: "", recursive: true })).paths).toEqual(["/a.txt"]);
    expect(emulator.account.tree.get("/apps/trisync/a.txt")).toBeDefined();
    const rooted = sdkFor(emulator, { pathRoot: '{".tag":"home"}' });
    expect(await sdkError(rooted.filesListFolder({ path: "" }))).toMatchObject({ status: 400 });
  });

  test("a team: the home folder by default, the shared root on request, 422 for a wrong one", async () => {
    await emulator.close();
    emulator = await startDropboxEmulator({ teamName: "Acme" });
    dbx = sdkFor(emulator);
    await upload("/mine.txt", "x");
    const { root_info } = (await dbx.usersGetCurrentAccount()).result;
    expect(root_info).toMatchObject({ ".tag": "team", home_path: "/Ann" });
    const root = root_info.root_namespace_id;
    const rooted = sdkFor(emulator, { pathRoot: JSON.stringify({ ".tag": "root", root }) });
    const { entries } = (await rooted.filesListFolder({ path: "", recursive: true })).result;
    expect(entries.map(({ path_display }) => path_display).sort()).toEqual(["/Ann", "/Ann/mine.txt"]);
    expect((await listAll({ path: `ns:${root}`, recursive: false })).paths).toHaveLength(1);
    const stale = sdkFor(emulator, { pathRoot: '{".tag":"root","root":"77"}' });
    expect(await sdkError(stale.filesListFolder({ path: "" }))).toMatchObject({
      status: 422,
      error: { error: { ".tag": "invalid_root", invalid_root: { ".tag": "team", root_namespace_id: root } } },
    });
    const foreign = sdkFor(emulator, { pathRoot: '{".tag":"namespace_id","namespace_id":"77"}' });
    expect(await sdkError(foreign.filesListFolder({ path: "" }))).toMatchObject({
      status: 422,
      error: { error: { ".tag": "no_permission" } },
    });
  });

  test("paths that a test denies", async () => {
    emulator.remote.write("/secret/a", "x");
    emulator.remote.deny("/secret", { on: "write", tag: "no_write_permission" });
    expect(await tagsOf(upload("/secret/b", "x"))).toBe("path/no_write_permission");
    expect(await tagsOf(dbx.filesDeleteV2({ path: "/secret/a" }))).toBe("path_write/no_write_permission");
    emulator.remote.deny("/secret", { on: "read", tag: "restricted_content" });
    expect(await tagsOf(dbx.filesDownload({ path: "/secret/a" }))).toBe("path/restricted_content");
  });
});

describe("signing in", () => {
  test("with PKCE by the SDK's own flow, refreshing, and the end by revocation", async () => {
    const auth = sdkAuthFor(emulator);
    const redirectUri = "http://localhost:9999/done";
    const url = await auth.getAuthenticationUrl(redirectUri, "st", "code", "offline", undefined, "none", true);
    const page = await fetch(redirectedUrl(emulator, String(url)), { redirect: "manual" });
    const target = new URL(page.headers.get("location") ?? "");
    expect(target.searchParams.get("state")).toBe("st");
    const code = target.searchParams.get("code") ?? "";
    const { result } = await auth.getAccessTokenFromCode(redirectUri, code);
    const tokens = z.object({ access_token: z.string(), refresh_token: z.string() }).parse(result);
    expect(result).toMatchObject({ token_type: "bearer", expires_in: 14_400, account_id: emulator.account.accountId });
    expect((await sdkError(auth.getAccessTokenFromCode(redirectUri, code))).error).toMatchObject({
      error: "invalid_grant",
    });

    const signedIn = sdkAuthFor(emulator, {
      accessToken: tokens.access_token,
      refreshToken: tokens.refresh_token,
      accessTokenExpiresAt: new Date(Date.now() - 1000),
    });
    const refreshing = sdkFor(emulator, { auth: signedIn });
    emulator.tokens.expireAll();
    await refreshing.filesListFolder({ path: "" });
    expect(emulator.requestCount("oauth2/token")).toBe(3);
    await refreshing.authTokenRevoke();
    expect(await tagsOf(refreshing.filesListFolder({ path: "" }))).toBe("invalid_access_token");
    signedIn.setAccessTokenExpiresAt(new Date(0));
    const { error } = await sdkError(refreshing.filesListFolder({ path: "" }));
    expect(error).toMatchObject({ error: "invalid_grant" });
    expect(emulator.misuse).toEqual([]);
  });

  test("a wrong verifier, a foreign redirect, a refusing person, a code on a page", async () => {
    const auth = sdkAuthFor(emulator);
    const authorize = async (redirectUri: string): Promise<Response> => {
      const url = await auth.getAuthenticationUrl(redirectUri, "", "code", "offline", undefined, "none", true);
      return await fetch(redirectedUrl(emulator, String(url)), { redirect: "manual" });
    };
    const shown = await (await authorize("")).text();
    const code = /value="([^"]+)"/.exec(shown)?.[1] ?? "";
    auth.setCodeVerifier("x".repeat(43));
    expect((await sdkError(auth.getAccessTokenFromCode("", code))).error).toMatchObject({ error: "invalid_grant" });
    expect((await authorize("http://evil.example/x")).status).toBe(400);
    expect(emulator.misuse).toHaveLength(2);
    emulator.settings.consent = "deny";
    const denied = await authorize("http://localhost:1/x");
    expect(new URL(denied.headers.get("location") ?? "").searchParams.get("error")).toBe("access_denied");
  });

  test("tokens that expired, are used up, lack a scope, are malformed or missing", async () => {
    const call = (accessToken: string): Promise<unknown> =>
      sdkFor(emulator, { accessToken }).filesListFolder({ path: "" });
    const expired = emulator.tokens.issue({ expiresInSeconds: 60 }).accessToken;
    emulator.advanceClock(61_000);
    expect(await tagsOf(call(expired))).toBe("expired_access_token");
    const twice = emulator.tokens.issue({ uses: 1 }).accessToken;
    await call(twice);
    expect(await tagsOf(call(twice))).toBe("expired_access_token");
    const narrow = emulator.tokens.issue({ scopes: ["account_info.read"] }).accessToken;
    expect((await sdkError(call(narrow))).error).toMatchObject({
      error: { ".tag": "missing_scope", required_scope: "files.metadata.read" },
    });
    expect(await tagsOf(call(`sl.u.${"x".repeat(40)}`))).toBe("invalid_access_token");
    expect(emulator.misuse).toEqual([]);
    expect(await sdkError(call("short"))).toMatchObject({ status: 400 });
    expect(emulator.misuse).toHaveLength(1);
    emulator.settings.appScopes = ["account_info.read"];
    expect(await sdkError(call(emulator.tokens.issue().accessToken))).toMatchObject({ status: 400 });
  });
});

describe("misuse is refused and recorded", () => {
  const cases: readonly {
    readonly title: string;
    readonly send: () => Promise<Response>;
    readonly status?: number;
    readonly says: string;
  }[] = [
    { title: "an unknown route", send: () => rpc("files/nothing", {}), says: "Unknown API function" },
    { title: "an upload on the API host", send: () => rpc("files/upload", {}), says: "Incorrect host" },
    { title: "an unknown field", send: () => rpc("files/list_folder", { path: "", colour: 1 }), says: "unknown field" },
    { title: "a missing field", send: () => rpc("files/list_folder", {}), says: "path: expected string" },
    { title: "a wrong type", send: () => rpc("files/list_folder", { path: "", limit: "2" }), says: "limit: expected" },
    { title: "a limit too high", send: () => rpc("files/list_folder", { path: "", limit: 2001 }), says: "limit" },
    { title: "a path without slash", send: () => rpc("files/get_metadata", { path: "a" }), says: "did not match" },
    {
      title: "a fraction of a second",
      send: () => put({ client_modified: "2026-03-01T09:30:00.5Z" }),
      says: "pattern",
    },
    { title: "an unknown mode", send: () => put({ mode: "replace" }), says: "mode" },
    { title: "an empty JSON body", send: () => raw("users/get_current_account", "", "application/json"), says: "JSON" },
    {
      title: "a form",
      send: () => raw("files/list_folder", "path=", "application/x-www-form-urlencoded"),
      says: "Bad",
    },
    { title: "an upload as JSON", send: () => put({}, "application/json"), says: "Content-Type" },
    { title: "an upload without type", send: () => put({}, ""), says: "Missing or empty" },
    { title: "raw umlauts in a header", send: () => put({ path: "/ü" }), says: "400 Bad Request" },
    { title: "GET", send: () => fetch(`${emulator.apiUrl}/2/files/list_folder`), says: "request method" },
    {
      title: "no token",
      send: () => raw("files/list_folder", '{"path":""}', "application/json", {}),
      says: "Authorization",
    },
    {
      title: "another scheme",
      send: () => raw("files/list_folder", '{"path":""}', "application/json", { Authorization: "OAuth x" }),
      says: "Expecting",
    },
    {
      title: "too many entries",
      send: () => rpc("files/delete_batch", { entries: Array.from({ length: 1001 }, () => ({ path: "/a" })) }),
      says: "entries",
    },
    { title: "a header too long", send: () => put({ path: `/${"x".repeat(20_000)}` }), status: 431, says: "Large" },
  ];

  test.each(cases)("$title", async ({ send, status = 400, says }) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(says);
    expect(emulator.misuse).toHaveLength(1);
    expect(await emulator.remote.tree()).toEqual({});
  });

  test("a path that is not NFC", async () => {
    emulator.remote.write("/é.txt", "x");
    expect(await tagsOf(dbx.filesGetMetadata({ path: "/e\u0301.txt" }))).toBe("path/not_found");
    expect((await upload("/e\u0301.txt", "x")).result.name).toBe("é.txt");
    expect(emulator.misuse).toHaveLength(2);
  });
});

describe("the write lock", () => {
  test("commits that overlap are sent away, data requests are not", async () => {
    emulator.latencyMs = 300;
    const outcomes = await Promise.allSettled([upload("/a", "a"), upload("/b", "b"), upload("/c", "c")]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(emulator.lockRejections).toBe(2);
    const refused = outcomes.find((outcome) => outcome.status === "rejected");
    expect(refused?.reason).toMatchObject({
      status: 429,
      error: { error: { reason: { ".tag": "too_many_write_operations" }, retry_after: 1 } },
    });
    await Promise.all(["a", "b", "c"].map((contents) => dbx.filesUploadSessionStart({ contents })));
    emulator.settings.writeLock = false;
    await Promise.all([upload("/d", "d"), upload("/e", "e")]);
    expect(emulator.misuse).toEqual([]);
  });

  test("a job holds it until its work is done", async () => {
    emulator.remote.write("/a", "a");
    await dbx.filesDeleteBatch({ entries: [{ path: "/a" }] });
    expect(await sdkError(upload("/b", "b"))).toMatchObject({ status: 429 });
    await emulator.settleJobs();
    await upload("/b", "b");
  });

  test("equal listings at the same time: one is told to wait", async () => {
    emulator.latencyMs = 300;
    const list = (): Promise<unknown> => dbx.filesListFolder({ path: "" });
    const outcomes = await Promise.allSettled([list(), list()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(emulator.earlyRequests).toBe(0);
    await list();
    expect(emulator.earlyRequests).toBe(1);
  });
});

describe("faults strike when they are told to", () => {
  test("the second and third call only", async () => {
    emulator.fault({ route: "files/list_folder", nth: 2, times: 2, kind: "status", status: 503 });
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await rpc("files/list_folder", { path: "" })).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(emulator.pendingFaults()).toEqual([]);
  });

  test("rate limits in every dress", async () => {
    emulator.fault({ route: "*", kind: "rate-limit", retryAfter: 15 });
    emulator.fault({ route: "*", nth: 2, kind: "rate-limit", format: "text" });
    emulator.fault({ route: "*", nth: 3, kind: "rate-limit", omit: "both" });
    const first = await rpc("files/list_folder", { path: "" });
    expect([first.status, first.headers.get("retry-after")]).toEqual([429, "15"]);
    expect(await first.json()).toMatchObject({ error: { retry_after: 15, reason: { ".tag": "too_many_requests" } } });
    const second = await rpc("files/list_folder", { path: "" });
    expect([second.status, second.headers.get("content-type")]).toEqual([429, "text/plain; charset=utf-8"]);
    const third = await rpc("files/list_folder", { path: "" });
    expect([third.status, third.headers.get("retry-after")]).toEqual([429, null]);
    expect(emulator.earlyRequests).toBe(2);
  });

  test("connections cut before and after the work, and half-way through the answer", async () => {
    emulator.fault({ route: "files/upload", kind: "cut-before" });
    await expect(upload("/before", "x")).rejects.toThrow(TypeError);
    emulator.fault({ route: "files/upload", kind: "cut-before", afterBodyBytes: 100_000 });
    await expect(upload("/middle", "x".repeat(300_000))).rejects.toThrow(TypeError);
    emulator.fault({ route: "files/upload", kind: "cut-after" });
    await expect(upload("/after", "x")).rejects.toThrow(TypeError);
    emulator.fault({ route: "files/upload", kind: "cut-half" });
    await expect(upload("/half", "x")).rejects.toThrow(TypeError);
    expect(Object.keys(await emulator.remote.tree())).toEqual(["/after", "/half"]);
    expect(emulator.requests.map(({ status }) => status)).toEqual([0, 0, 0, 200]);
  });

  test("a web page, half JSON, a status after the work, an error of the test's choice", async () => {
    emulator.fault({ route: "files/list_folder", kind: "html" });
    expect(await (await rpc("files/list_folder", { path: "" })).text()).toContain("<html>");
    emulator.fault({ route: "files/list_folder", kind: "half-json" });
    const half = await (await rpc("files/list_folder", { path: "" })).text();
    expect(() => {
      JSON.parse(half);
    }).toThrow(SyntaxError);
    emulator.fault({ route: "files/create_folder_v2", kind: "status", status: 500, processed: true });
    expect((await rpc("files/create_folder_v2", { path: "/done" })).status).toBe(500);
    expect(Object.keys(await emulator.remote.tree())).toEqual(["/done"]);
    const error = { ".tag": "path", path: { ".tag": "locked" } };
    emulator.fault({ route: "files/get_metadata", kind: "error", error });
    expect(await tagsOf(dbx.filesGetMetadata({ path: "/done" }))).toBe("path/locked");
  });

  test("tokens that expire or lack a scope all of a sudden", async () => {
    emulator.fault({ route: "files/list_folder", kind: "expired-token" });
    expect(await tagsOf(dbx.filesListFolder({ path: "" }))).toBe("expired_access_token");
    expect(await tagsOf(dbx.filesListFolder({ path: "" }))).toBe("expired_access_token");
    emulator.fault({ route: "users/get_space_usage", kind: "missing-scope", scope: "account_info.read" });
    expect(await tagsOf(sdkFor(emulator).usersGetSpaceUsage())).toBe("missing_scope");
  });

  test("downloads that end early, loudly or quietly, or bring wrong bytes", async () => {
    emulator.remote.write("/a", "0123456789");
    emulator.fault({ route: "files/download", kind: "truncated-download", afterBytes: 4 });
    await expect(rawDownload("/a")).rejects.toThrow(TypeError);
    emulator.fault({ route: "files/download", kind: "truncated-download", afterBytes: 4, quiet: true });
    expect(await download("/a")).toBe("0123");
    emulator.fault({ route: "files/download", kind: "wrong-bytes" });
    const wrong = await download("/a");
    expect(wrong).not.toBe("0123456789");
    expect(await download("/a")).toBe("0123456789");
  });

  test("writes refused, whole or in a batch, in the form of each route", async () => {
    const tag = "too_many_write_operations";
    emulator.remote.write("/a", "a");
    const refuse = (route: string, entries?: number[]): void => {
      emulator.fault({ route, kind: "refuse", tag, entries });
    };
    refuse("files/upload");
    expect(await tagsOf(upload("/b", "b"))).toBe(`path/${tag}`);
    refuse("files/delete_v2");
    expect(await tagsOf(dbx.filesDeleteV2({ path: "/a" }))).toBe(tag);
    refuse("files/move_v2");
    expect(await tagsOf(dbx.filesMoveV2({ from_path: "/a", to_path: "/b" }))).toBe(`to/${tag}`);
    const sessions = await Promise.all(
      ["x", "y"].map(
        async (contents) => (await dbx.filesUploadSessionStart({ contents, close: true })).result.session_id,
      ),
    );
    const entries = sessions.map((session_id) => ({
      cursor: { session_id, offset: 1 },
      commit: { path: `/${session_id.slice(-9)}` },
    }));
    refuse("files/upload_session/finish_batch_v2", [1]);
    const { result } = await dbx.filesUploadSessionFinishBatchV2({ entries });
    expect(result.entries).toMatchObject([{ ".tag": "success" }, { ".tag": "failure", failure: { ".tag": tag } }]);
    const again = await dbx.filesUploadSessionFinishBatchV2({ entries: entries.slice(1) });
    expect(again.result.entries).toMatchObject([{ ".tag": "success" }]);
  });

  test("jobs that take their time, or fail as a whole", async () => {
    emulator.remote.write("/a", "a");
    emulator.fault({ route: "files/delete_batch", kind: "slow-job", polls: 3 });
    expect(await pollDeletion()).toEqual(["in_progress", "in_progress", "in_progress", "complete"]);
    emulator.remote.write("/a", "a");
    emulator.fault({ route: "files/delete_batch", kind: "failed-job", error: { ".tag": "too_many_write_operations" } });
    expect(await pollDeletion()).toEqual(["in_progress", "failed"]);
    expect(emulator.remote.stat("/a")).toBeDefined();
  });

  test("listings with empty, short and long pages, or with entries missing", async () => {
    for (const name of ["a", "b", "c", "d"]) emulator.remote.write(`/${name}`, name);
    const sizes: number[] = [];
    emulator.fault({ route: "files/list_folder", kind: "empty-page" });
    emulator.fault({ route: "files/list_folder/continue", kind: "extra-entry" });
    emulator.fault({ route: "files/list_folder/continue", nth: 2, kind: "short-page", entries: 1 });
    const { paths } = await listAll({ path: "", limit: 1 }, (size) => sizes.push(size));
    expect([sizes, paths]).toEqual([
      [0, 2, 1, 1],
      ["/a", "/b", "/c", "/d"],
    ]);
    emulator.fault({ route: "files/list_folder", kind: "missing-entries", paths: ["/b"] });
    expect((await listAll({ path: "" })).paths).toEqual(["/a", "/c", "/d"]);
    emulator.fault({ route: "files/list_folder", kind: "missing-entries", count: 4 });
    expect((await listAll({ path: "" })).paths).toEqual([]);
  });

  test("listings and metadata that lag behind", async () => {
    const old = emulator.remote.write("/a", "old");
    emulator.freezeListings(1);
    emulator.freezeMetadata(1);
    const fresh = emulator.remote.write("/a", "new");
    emulator.remote.write("/b", "b");
    const { result } = await dbx.filesListFolder({ path: "" });
    expect(result.entries).toMatchObject([{ path_lower: "/a", rev: old.rev }]);
    expect((await dbx.filesGetMetadata({ path: "/a" })).result).toMatchObject({ rev: old.rev });
    expect((await dbx.filesGetMetadata({ path: "/a" })).result).toMatchObject({ rev: fresh.rev });
    const delta = await dbx.filesListFolderContinue({ cursor: result.cursor });
    expect(delta.result.entries).toMatchObject([{ path_lower: "/a", rev: fresh.rev }, { path_lower: "/b" }]);
  });
});

describe("what the emulator computes itself", () => {
  test("content hashes agree with the published vectors", async () => {
    for (const { content, contentHash } of await hashVectors()) expect(hashOf(content)).toBe(contentHash);
  });

  test("hashes joined from the requests of a session agree with those of the whole", async () => {
    const bytes = patterned(13 * MIB + 5);
    for (const border of [3 * MIB, 8 * MIB, 13 * MIB]) {
      const { session_id } = (await dbx.filesUploadSessionStart({ contents: bytes.subarray(0, border) })).result;
      const { result } = await dbx.filesUploadSessionFinish({
        cursor: { session_id, offset: border },
        commit: { path: `/${String(border)}` },
        contents: bytes.subarray(border),
      });
      expect(result.content_hash).toBe(hashOf(bytes));
    }
  });

  test("generated files read the same in parts as in whole", async () => {
    const { contentHash } = emulator.remote.writeGenerated("/big", 6 * MIB + 3, 7);
    const bytes = await emulator.remote.read("/big");
    expect([bytes.length, hashOf(bytes)]).toEqual([6 * MIB + 3, contentHash]);
    const response = await fetch(`${emulator.contentUrl}/2/files/download`, {
      method: "POST",
      headers: { ...bearer(), "Dropbox-API-Arg": '{"path":"/big"}', Range: "bytes=5000000-5000009" },
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(5_000_000, 5_000_010))).toBe(true);
  });

  test("lower case as the service has it", () => {
    expect(["ΣΣΣ", "ÄÖÜ", "İ", "\ua64a", "E\u0301"].map(lowerCase)).toEqual(["σσσ", "äöü", "i", "\ua64a", "é"]);
  });

  test("in a process of its own, with everything at its control port", async () => {
    const process = await startEmulatorProcess(["--latency-ms", "1"]);
    try {
      await process.control("remote.write", "/a.txt", { base64: Buffer.from("hello").toString("base64") });
      await process.control("fault", { route: "files/list_folder", kind: "status", status: 503 });
      const call = (): Promise<Response> =>
        fetch(`${process.apiUrl}/2/files/list_folder`, {
          method: "POST",
          headers: { Authorization: `Bearer ${process.accessToken}`, "Content-Type": "application/json" },
          body: '{"path":""}',
        });
      expect((await call()).status).toBe(503);
      expect(await (await call()).json()).toMatchObject({ entries: [{ name: "a.txt" }] });
      expect(await process.control("requestCount", "files/list_folder")).toBe(2);
      await process.control("remote.writeMany", { "/b/c.txt": "hello" });
      expect(await process.control("remote.tree")).toEqual({
        "/a.txt": { base64: "aGVsbG8=" },
        "/b": null,
        "/b/c.txt": { base64: "aGVsbG8=" },
      });
      expect(await process.control("misuse")).toEqual([]);
    } finally {
      await process.stop();
    }
  });
});

interface WholeListing {
  readonly paths: readonly string[];
  readonly cursor: string;
  readonly pages: number;
}

/** Follows has_more to the end; the paths are sorted. */
async function listAll(argument: files.ListFolderArg, onPage?: (size: number) => void): Promise<WholeListing> {
  let page = (await dbx.filesListFolder(argument)).result;
  const paths: string[] = [];
  for (let pages = 1; ; pages += 1) {
    onPage?.(page.entries.length);
    paths.push(...page.entries.map((entry) => entry.path_lower ?? ""));
    if (!page.has_more) return { paths: paths.sort(), cursor: page.cursor, pages };
    page = (await dbx.filesListFolderContinue({ cursor: page.cursor })).result;
  }
}

/** Follows has_more from a cursor to the end; changes in their order. */
async function listChanges(from: string): Promise<{ readonly changes: readonly string[]; readonly cursor: string }> {
  const changes: string[] = [];
  for (let cursor = from; ;) {
    const { result } = await dbx.filesListFolderContinue({ cursor });
    changes.push(...result.entries.map((entry) => `${entry[".tag"]} ${entry.path_lower ?? ""}`));
    cursor = result.cursor;
    if (!result.has_more) return { changes, cursor };
  }
}

function upload(
  path: string,
  contents: string,
  options: Partial<files.UploadArg> = {},
): Promise<{ readonly result: files.FileMetadata }> {
  return dbx.filesUpload({ ...options, path, contents });
}

async function download(path: string): Promise<string> {
  const { result } = await dbx.filesDownload({ path });
  return z
    .object({ fileBinary: z.instanceof(Buffer) })
    .parse(result)
    .fileBinary.toString("latin1");
}

/** Where the connection may break: the SDK never settles then. */
async function rawDownload(path: string): Promise<string> {
  const response = await fetch(`${emulator.contentUrl}/2/files/download`, {
    method: "POST",
    headers: { ...bearer(), "Dropbox-API-Arg": JSON.stringify({ path }) },
  });
  return await response.text();
}

/** The SDK of this version lacks the route. */
async function appendBatch(entries: readonly unknown[], contents: string): Promise<unknown> {
  const headers = {
    ...bearer(),
    "Dropbox-API-Arg": JSON.stringify({ entries }),
    "Content-Type": "application/octet-stream",
  };
  const url = `${emulator.contentUrl}/2/files/upload_session/append_batch`;
  return await (await fetch(url, { method: "POST", headers, body: contents })).json();
}

function update(rev: string): files.WriteMode {
  return { ".tag": "update", update: rev };
}

const Tagged = z.looseObject({ ".tag": z.string() });

/** The chain of tags in the error that the SDK parsed, which has to begin its summary as well. */
async function tagsOf(call: Promise<unknown>): Promise<string> {
  const { error } = await sdkError(call);
  const body = z.object({ error_summary: z.string(), error: Tagged }).parse(error);
  const tags = chainOf(body.error);
  expect(body.error_summary).toMatch(/\/\.+$/);
  expect(body.error_summary.startsWith(`${tags}/`)).toBe(true);
  return tags;
}

function chainOf(error: z.output<typeof Tagged>): string {
  const tag = error[".tag"];
  const inner = Tagged.safeParse(error[tag] ?? error["reason"]);
  return inner.success ? `${tag}/${chainOf(inner.data)}` : tag;
}

async function pollDeletion(): Promise<readonly string[]> {
  const { result } = await dbx.filesDeleteBatch({ entries: [{ path: "/a" }] });
  if (result[".tag"] !== "async_job_id") throw new Error("expected a job");
  const seen: string[] = [];
  for (;;) {
    const tag = (await dbx.filesDeleteBatchCheck({ async_job_id: result.async_job_id })).result[".tag"];
    seen.push(tag);
    if (tag !== "in_progress") return seen;
  }
}

function bearer(): Record<string, string> {
  return { Authorization: `Bearer ${emulator.tokens.issue().accessToken}` };
}

function rpc(route: string, argument: unknown): Promise<Response> {
  return raw(route, JSON.stringify(argument), "application/json");
}

function raw(
  route: string,
  body: string,
  type: string,
  authorization: Record<string, string> = bearer(),
): Promise<Response> {
  const headers = { ...authorization, "Content-Type": type };
  return fetch(`${emulator.apiUrl}/2/${route}`, { method: "POST", headers, body });
}

/** An upload whose header is written as it stands, without any escaping. */
function put(argument: Readonly<Record<string, unknown>>, type = "application/octet-stream"): Promise<Response> {
  const headers = { ...bearer(), "Dropbox-API-Arg": JSON.stringify({ path: "/a", ...argument }), "Content-Type": type };
  return fetch(`${emulator.contentUrl}/2/files/upload`, { method: "POST", headers, body: Buffer.from("x") });
}

function hashOf(bytes: Buffer): string {
  const hasher = new ContentHasher();
  hasher.update(bytes);
  return hasher.finish().hash;
}

/** Bytes without repetition at the size of a block. */
function patterned(length: number): Buffer {
  return Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, index) => index)));
}

const Vectors = z.object({
  vectors: z.array(
    z.object({
      content: z.object({
        repeatHex: z.string().optional(),
        count: z.number().optional(),
        thenHex: z.string().optional(),
        utf8: z.string().optional(),
      }),
      contentHash: z.string(),
    }),
  ),
});

async function hashVectors(): Promise<readonly { readonly content: Buffer; readonly contentHash: string }[]> {
  const file = new URL("../fixtures/dropbox-content-hash-vectors.json", import.meta.url);
  const { vectors } = Vectors.parse(JSON.parse(await readFile(file, "utf8")));
  return vectors.map(({ content, contentHash }) => {
    const { repeatHex = "", count = 0, thenHex = "", utf8 } = content;
    const unit = Buffer.from(repeatHex, "hex");
    const repeated = count === 0 ? Buffer.alloc(0) : Buffer.alloc(unit.length * count, unit);
    const bytes = utf8 === undefined ? Buffer.concat([repeated, Buffer.from(thenHex, "hex")]) : Buffer.from(utf8);
    return { content: bytes, contentHash };
  });
}
