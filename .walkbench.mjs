var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// lib/local/stamp.ts
function inodeOf(stats) {
  return `${stats.dev}:${stats.ino}`;
}
function modifiedMsOf(stats) {
  return Math.round(Number(stats.mtimeNs) / NS_PER_MS);
}
function timesOf(stats) {
  return `${inodeOf(stats)}|${stats.mtimeNs}|${stats.ctimeNs}`;
}
function stampOf(stats, nowMs, touched) {
  const tickMs = stats.ctimeNs % NS_PER_SECOND === 0n ? COARSE_TICK_MS : FINE_TICK_MS;
  const isFresh = (timeNs) => Math.abs(nowMs - Number(timeNs) / NS_PER_MS) < tickMs;
  const isRacy = isFresh(stats.mtimeNs) || touched === "by anyone" && isFresh(stats.ctimeNs);
  return isRacy ? "" : timesOf(stats);
}
var NS_PER_SECOND, NS_PER_MS, FINE_TICK_MS, COARSE_TICK_MS;
var init_stamp = __esm({
  "lib/local/stamp.ts"() {
    "use strict";
    NS_PER_SECOND = 1000000000n;
    NS_PER_MS = 1e6;
    FINE_TICK_MS = 50;
    COARSE_TICK_MS = 2e3;
  }
});

// lib/local/describe.ts
function describe(path, look2) {
  const { stats } = look2;
  if (stats.isFile()) return describeFile(path, look2);
  if (stats.isDirectory()) return { kind: "folder", path, inode: inodeOf(stats) };
  return { kind: "special", path, type: typeOf(stats) };
}
function describeFile(path, { stats, nowMs, touched }) {
  return {
    kind: "file",
    path,
    sizeBytes: Number(stats.size),
    modifiedMs: modifiedMsOf(stats),
    inode: inodeOf(stats),
    stamp: stampOf(stats, nowMs, touched)
  };
}
function typeOf(stats) {
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return "device";
}
var init_describe = __esm({
  "lib/local/describe.ts"() {
    "use strict";
    init_stamp();
  }
});

// lib/model/errors.ts
var UsageError, LocalError;
var init_errors = __esm({
  "lib/model/errors.ts"() {
    "use strict";
    UsageError = class extends Error {
      name = "UsageError";
    };
    LocalError = class extends Error {
      constructor(code, message, options) {
        super(message, options);
        this.code = code;
      }
      code;
      name = "LocalError";
    };
  }
});

// lib/local/errors.ts
async function explainErrors(attempt, path, work) {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const { code, words } = explain(error.code);
    throw new LocalError(code, `cannot ${attempt} ${JSON.stringify(path)}: ${words}`, { cause: error });
  }
}
function isSystemError(error) {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code);
}
function hasCode(error, ...codes) {
  return isSystemError(error) && codes.includes(error.code);
}
function explain(code) {
  return MEANINGS[code] ?? { code: "failed", words: `the disk reports ${code}; check it, then run again` };
}
function changed(path) {
  return new LocalError("changed", `${JSON.stringify(path)} changed since it was looked at; run again`);
}
function exists(path) {
  return new LocalError("exists", `${JSON.stringify(path)}: something is in the way; run again, or move it elsewhere`);
}
var FULL, DENIED, BAD_NAME, REPLACED, MEANINGS;
var init_errors2 = __esm({
  "lib/local/errors.ts"() {
    "use strict";
    init_errors();
    FULL = { code: "full", words: "the disk is full; free some space, then run again" };
    DENIED = { code: "refused", words: "permission denied; check its owner and permissions" };
    BAD_NAME = { code: "refused", words: "this disk does not take the name; rename it" };
    REPLACED = { code: "changed", words: "something else is in its place by now; run again" };
    MEANINGS = {
      ENOSPC: FULL,
      EDQUOT: { code: "full", words: "the disk quota is used up; free some space, then run again" },
      EACCES: DENIED,
      EPERM: DENIED,
      EROFS: { code: "refused", words: "the disk is read-only; mount it for writing" },
      ENAMETOOLONG: { code: "refused", words: "the name is too long for this disk; shorten it" },
      EFBIG: { code: "refused", words: "the file is too large for this disk" },
      EILSEQ: BAD_NAME,
      EINVAL: BAD_NAME,
      ENOENT: { code: "not-found", words: "it is gone; run again" },
      ENOTDIR: REPLACED,
      EISDIR: REPLACED,
      ELOOP: REPLACED,
      ENXIO: REPLACED,
      EEXIST: { code: "exists", words: "something is in the way; run again, or move it elsewhere" },
      ENOTEMPTY: { code: "exists", words: "something is in the way; run again, or move it elsewhere" }
    };
  }
});

// lib/local/look.ts
async function look(files, absolute) {
  try {
    return await files.lstat(absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return void 0;
    throw error;
  }
}
var init_look = __esm({
  "lib/local/look.ts"() {
    "use strict";
    init_errors2();
  }
});

// lib/model/path.ts
function toSyncPath(raw) {
  const path = raw.normalize("NFC");
  const bad = path.includes("\0") || path.split("/").some((part) => part === "" || part === "." || part === "..");
  if (bad) throw new UsageError(`not a path below the root: ${JSON.stringify(raw)}`);
  return path;
}
function parseSyncPath(raw) {
  try {
    return toSyncPath(raw);
  } catch {
    return void 0;
  }
}
function parentOf(path) {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? void 0 : path.slice(0, slash);
}
function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}
function joinPath(folder, name) {
  return toSyncPath(folder === void 0 ? name : `${folder}/${name}`);
}
function isBelow(path, folder) {
  return path.startsWith(`${folder}/`);
}
function compareKeys(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return liftSurrogate(x) - liftSurrogate(y);
  }
  return a.length - b.length;
}
function liftSurrogate(unit) {
  if (unit < 55296) return unit;
  return unit < 57344 ? unit + 8192 : unit - 2048;
}
var init_path = __esm({
  "lib/model/path.ts"() {
    "use strict";
    init_errors();
  }
});

// lib/local/own-folder.ts
import { join } from "node:path";
function isOwn(path) {
  return path.length >= OWN_FOLDER.length && /^\.trisync(\/|$)/i.test(path);
}
async function makeOwnFolder(context, ...names) {
  let folder = context.root;
  for (const name of [OWN_FOLDER, ...names]) folder = await makeOwnChild(context, folder, name);
  return folder;
}
async function makeOwnChild(context, parent, name) {
  const folder = join(parent, name);
  if (!await isOwnFolder(context.files, folder)) await make(context, folder);
  await beDurable(context, parent, folder);
  return folder;
}
async function findOwnFolder(context, ...names) {
  let folder = context.root;
  for (const name of [OWN_FOLDER, ...names]) {
    folder = join(folder, name);
    if (!await isOwnFolder(context.files, folder)) return void 0;
  }
  return folder;
}
async function isOwnFolder(files, absolute) {
  const stats = await look(files, absolute);
  if (stats === void 0 || stats.isDirectory()) return stats !== void 0;
  throw new LocalError("refused", `${JSON.stringify(absolute)} is not a folder, as trisync needs it; remove it`);
}
async function make(context, folder) {
  context.durable.delete(folder);
  try {
    await context.files.mkdir(folder, PRIVATE);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}
async function beDurable(context, parent, folder) {
  const { durable } = context;
  const known = durable.get(folder);
  if (known !== void 0) return known;
  if (durable.size >= MOST_REMEMBERED) durable.clear();
  const synced = context.syncFolder(parent);
  durable.set(folder, synced);
  try {
    await synced;
  } catch (error) {
    durable.delete(folder);
    throw error;
  }
}
var OWN_FOLDER, TEMPORARY, TRASH, PRIVATE, MOST_REMEMBERED;
var init_own_folder = __esm({
  "lib/local/own-folder.ts"() {
    "use strict";
    init_errors();
    init_errors2();
    init_look();
    OWN_FOLDER = ".trisync";
    TEMPORARY = "tmp";
    TRASH = "trash";
    PRIVATE = 448;
    MOST_REMEMBERED = 1e4;
  }
});

// lib/local/identify.ts
async function identify({ root: root2, files }) {
  const stats = await lookAtRoot(root2, async () => files.lstat(await files.realpath(root2)));
  if (!stats.isDirectory()) throw new UsageError(`${JSON.stringify(root2)} is not a folder`);
  return inodeOf(stats);
}
async function lookAtRoot(root2, work) {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT" || error.code === "ENOTDIR") {
      throw new UsageError(`the folder ${JSON.stringify(root2)} does not exist; is its disk attached?`, {
        cause: error
      });
    }
    const { code, words } = explain(error.code);
    throw new LocalError(code, `cannot read ${JSON.stringify(root2)}: ${words}`, { cause: error });
  }
}
var init_identify = __esm({
  "lib/local/identify.ts"() {
    "use strict";
    init_errors();
    init_errors2();
    init_stamp();
  }
});

// lib/local/scan-problems.ts
function rootProblem(root2, words) {
  const message = `the folder ${JSON.stringify(root2)} could not be read whole: ${words}`;
  return { side: "local", path: ".", code: "unreadable", message, covers: "everything" };
}
function unreadable(path, words) {
  const message = `${JSON.stringify(path)} could not be read: ${words}`;
  return { side: "local", path, code: "unreadable", message, covers: { path, subtree: true } };
}
function badName(path) {
  const message = `${JSON.stringify(path)} has a name that is not valid Unicode text; rename it to have it synchronised`;
  return { side: "local", path, code: "bad-name", message, covers: void 0 };
}
function clash(path, onDisk) {
  const message = `two entries are named ${JSON.stringify(path)}, written in different ways; the one written ${spell(onDisk)} is left out: rename one of them`;
  return { side: "local", path, code: "clash", message, covers: void 0 };
}
function spell(name) {
  const letters = Array.from(name, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code < 128 ? char : `\\u{${code.toString(16)}}`;
  });
  return `"${letters.join("")}"`;
}
var init_scan_problems = __esm({
  "lib/local/scan-problems.ts"() {
    "use strict";
  }
});

// lib/local/inbox.ts
function createInbox(mostWaiting) {
  let items = [];
  let failure;
  let isEnded = false;
  let wakeConsumer;
  let producers = [];
  function wake() {
    wakeConsumer?.();
    wakeConsumer = void 0;
  }
  function end() {
    isEnded = true;
    wake();
    letProducersOn();
  }
  function letProducersOn() {
    const waiting = producers;
    producers = [];
    for (const go of waiting) go();
  }
  async function* batches() {
    for (; ; ) {
      if (failure !== void 0) throw failure;
      const batch = items;
      items = [];
      if (batch.length > 0) yield batch;
      else if (isEnded) return;
      else await nextWake();
      if (items.length < mostWaiting) letProducersOn();
    }
  }
  async function nextWake() {
    letProducersOn();
    await new Promise((resolve2) => {
      wakeConsumer = resolve2;
    });
  }
  return {
    put: (item) => {
      items.push(item);
      wake();
    },
    end,
    fail: (error) => {
      failure ??= error;
      end();
    },
    isEnded: () => isEnded,
    room: async () => {
      if (isEnded || items.length < mostWaiting) return;
      await new Promise((resolve2) => {
        producers.push(resolve2);
      });
    },
    batches
  };
}
var init_inbox = __esm({
  "lib/local/inbox.ts"() {
    "use strict";
  }
});

// lib/local/list-folder.ts
import { join as join11 } from "node:path";
async function listFolder(files, folder) {
  const read = await readFolder(files, folder);
  if (!Array.isArray(read)) return { entries: [], problems: read === void 0 ? [] : [read] };
  const problems = [];
  const named = read.filter((entry) => {
    const name = folder.name === "" ? entry.name : `${folder.name}/${entry.name}`;
    if (isOwn(name)) return false;
    if (isBadName(files, join11(folder.root, name), entry.name)) {
      problems.push(badName(name));
      return false;
    }
    return folder.filter.includes(toSyncPath(name), entry.isDirectory());
  });
  const entries = dropTwins(folder.name, named, problems);
  return { entries, problems };
}
async function readFolder(files, folder) {
  let failure;
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      const entries = await readWithTypes(files, folder.absolute);
      if (folder.name === "" || files.lstatSync(folder.absolute)?.isDirectory()) return entries;
      return files.lstatSync(folder.absolute) === void 0 ? void 0 : toProblem(folder, "it was replaced meanwhile");
    } catch (error) {
      if (!isSystemError(error)) throw error;
      failure = error;
    }
    if (folder.name !== "" && isGone(files, folder.absolute)) return void 0;
  }
  return toProblem(folder, isSystemError(failure) ? explain(failure.code).words : "unknown error");
}
function toProblem(folder, words) {
  return folder.name === "" ? rootProblem(folder.root, words) : unreadable(toSyncPath(folder.name), words);
}
function isGone(files, absolute) {
  try {
    return files.lstatSync(absolute) === void 0;
  } catch (error) {
    return hasCode(error, "ENOTDIR");
  }
}
function readWithTypes(files, absolute) {
  return new Promise((resolve2, reject) => {
    files.readdirWithTypes(absolute, (error, entries) => {
      if (error === null) resolve2(entries);
      else reject(error);
    });
  });
}
function isBadName(files, absolute, name) {
  if (LONE_SURROGATE.test(name)) return true;
  if (!name.includes(REPLACEMENT)) return false;
  try {
    return files.lstatSync(absolute) === void 0;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false;
  }
}
function dropTwins(folder, entries, problems) {
  const odd = entries.filter(({ name }) => name.includes(REPLACEMENT) || name.normalize("NFC") !== name);
  if (odd.length === 0) return entries;
  const oddEntries = new Set(odd);
  const taken = new Set(entries.filter((entry) => !oddEntries.has(entry)).map(({ name }) => name));
  const losers = /* @__PURE__ */ new Set();
  for (const entry of odd.sort((a, b) => rank(a.name) - rank(b.name) || compareKeys(a.name, b.name))) {
    const composed = entry.name.normalize("NFC");
    if (taken.has(composed)) {
      losers.add(entry);
      problems.push(toTwinProblem(folder, entry.name));
    }
    taken.add(composed);
  }
  return entries.filter((entry) => !losers.has(entry));
}
function rank(name) {
  return name.normalize("NFC") === name ? 0 : 1;
}
function toTwinProblem(folder, name) {
  const path = folder === "" ? name : `${folder}/${name}`;
  return name.includes(REPLACEMENT) && name.normalize("NFC") === name ? badName(path) : clash(toSyncPath(path), name);
}
var REPLACEMENT, LONE_SURROGATE;
var init_list_folder = __esm({
  "lib/local/list-folder.ts"() {
    "use strict";
    init_path();
    init_errors2();
    init_own_folder();
    init_scan_problems();
    REPLACEMENT = "\uFFFD";
    LONE_SURROGATE = /\p{Surrogate}/u;
  }
});

// lib/local/walk.ts
import { join as join12, resolve, sep as sep2 } from "node:path";
import fastGlob from "fast-glob";
async function* walk(context, filter, signal) {
  const inbox = createInbox(MOST_WAITING);
  const count = { foldersFound: 1, foldersRead: 0 };
  const stream = fastGlob.stream("**", {
    cwd: context.root,
    dot: true,
    onlyFiles: false,
    objectMode: true,
    unique: false,
    followSymbolicLinks: false,
    suppressErrors: true,
    fs: { readdir: createReaddir(context, { filter, inbox, signal, count }) }
  });
  stream.once("error", (error) => inbox.fail(error));
  stream.once("end", () => {
    if (count.foldersRead < count.foldersFound) inbox.put(problemOf(rootProblem(context.root, "the walk ended early")));
    inbox.end();
  });
  stream.resume();
  try {
    yield* inbox.batches();
  } finally {
    inbox.end();
    if ("destroy" in stream && typeof stream.destroy === "function") stream.destroy();
  }
}
function problemOf(problem2) {
  return { kind: "problem", problem: problem2 };
}
function createReaddir(context, walk2) {
  const top = resolve(context.root);
  const below = top.endsWith(sep2) ? top.length : top.length + 1;
  return function readdir(folder, form, done) {
    if (done === void 0 || typeof form === "function") throw new Error("fast-glob asked for names without types");
    void takeFolder(context, walk2, folder.slice(below)).then((folders) => done(null, folders));
  };
}
async function takeFolder(context, walk2, name) {
  const { filter, inbox, signal, count } = walk2;
  await inbox.room();
  if (signal.aborted || inbox.isEnded()) return [];
  try {
    const { root: root2, files } = context;
    const { entries, problems } = await listFolder(files, { root: root2, absolute: join12(root2, name), name, filter });
    const folders = entries.filter((entry) => entry.isDirectory());
    count.foldersRead++;
    count.foldersFound += folders.length;
    for (const problem2 of problems) inbox.put(problemOf(problem2));
    for (const entry of entries) inbox.put({ kind: "name", name: name === "" ? entry.name : `${name}/${entry.name}` });
    return folders;
  } catch (error) {
    inbox.fail(error instanceof Error ? error : new Error(String(error)));
    return [];
  }
}
var MOST_WAITING;
var init_walk = __esm({
  "lib/local/walk.ts"() {
    "use strict";
    init_inbox();
    init_list_folder();
    init_scan_problems();
    MOST_WAITING = 2e3;
  }
});

// lib/local/scan.ts
var scan_exports = {};
__export(scan_exports, {
  scan: () => scan
});
import { join as join13 } from "node:path";
async function* scan(context, filter, signal) {
  signal.throwIfAborted();
  const before = await identifyRoot(context);
  if (typeof before !== "string") {
    yield problem(before);
    return;
  }
  for await (const batch of walk(context, filter, signal)) {
    for (const found of batch) {
      const item = found.kind === "problem" ? found : lookAt(context, found.name);
      if (item !== void 0) yield item;
    }
    signal.throwIfAborted();
  }
  signal.throwIfAborted();
  const after = await identifyRoot(context);
  if (after !== before) yield problem(typeof after === "string" ? rootProblem(context.root, "it was replaced") : after);
}
function problem(of) {
  return { kind: "problem", problem: of };
}
async function identifyRoot(context) {
  try {
    return await identify(context);
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return rootProblem(context.root, error.message);
  }
}
function isAnswer(error) {
  return error instanceof Error && (error.name === "UsageError" || error.name === "LocalError");
}
function lookAt({ root: root2, files, now }, name) {
  const path = toSyncPath(name);
  try {
    const stats = files.lstatSync(join13(root2, name));
    if (stats === void 0) return void 0;
    return { kind: "entry", entry: describe(path, { stats, nowMs: now(), touched: "by anyone" }) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOTDIR") return void 0;
    return problem(unreadable(path, explain(error.code).words));
  }
}
var init_scan = __esm({
  "lib/local/scan.ts"() {
    "use strict";
    init_errors();
    init_path();
    init_describe();
    init_errors2();
    init_identify();
    init_scan_problems();
    init_walk();
  }
});

// lib/local/commit.ts
init_describe();
init_errors2();
import { dirname as dirname3 } from "node:path";

// lib/local/if-allowed.ts
init_errors2();
async function ifAllowed(set) {
  try {
    await set();
  } catch (error) {
    if (!hasCode(error, "EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL")) throw error;
  }
}

// lib/local/commit.ts
init_look();

// lib/local/make-folder.ts
init_path();
init_errors2();
import { join as join3 } from "node:path";

// lib/local/locate.ts
init_errors();
init_path();
init_errors2();
init_look();
init_own_folder();
import { join as join2, sep } from "node:path";
async function locate({ root: root2, files }, path, expect) {
  assertAllowed(path);
  const names = path.split("/");
  let folder = root2;
  for (const [i, name] of names.entries()) {
    const isLast = i === names.length - 1;
    const place = await find(files, { folder, name }, isLast ? expect : "present");
    if (isLast) return place;
    if (place.stats?.isSymbolicLink()) throw behindLink(path, names.slice(0, i + 1).join("/"));
    if (!place.stats?.isDirectory()) return { absolute: join2(folder, ...names.slice(i)), stats: void 0 };
    folder = place.absolute;
  }
  throw new Error("a path has at least one component");
}
function assertAllowed(path) {
  if (isOwn(path)) {
    throw new LocalError("refused", `${JSON.stringify(path)}: this name is kept for trisync's own files; rename it`);
  }
  if (sep === "\\" && /[\\:]/.test(path)) {
    throw new LocalError("refused", `${JSON.stringify(path)}: Windows does not take this name; rename it`);
  }
}
function behindLink(path, link) {
  const words = `${JSON.stringify(link)} is a symbolic link, and nothing behind it is touched; replace it by a folder`;
  return new LocalError("changed", link === path ? words : `${JSON.stringify(path)}: ${words}`);
}
async function find(files, { folder, name }, expect) {
  const decomposed = name.normalize("NFD");
  for (const spelling of /* @__PURE__ */ new Set([name, decomposed])) {
    const absolute2 = join2(folder, spelling);
    const stats = await look(files, absolute2);
    if (stats !== void 0) return { absolute: absolute2, stats };
  }
  const other = expect === "present" || decomposed !== name ? await findSpelling(files, folder, name) : void 0;
  const absolute = join2(folder, other ?? name);
  return { absolute, stats: other === void 0 ? void 0 : await look(files, absolute) };
}
async function findSpelling(files, folder, name) {
  try {
    const names = await files.readdir(folder);
    return names.filter((other) => other.normalize("NFC") === name).sort(compareKeys)[0];
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return void 0;
    throw error;
  }
}

// lib/local/make-folder.ts
init_look();
init_own_folder();
async function makeFolder(context, path) {
  const place = await locate(context, path, "any");
  if (place.stats?.isDirectory() && context.durable.has(place.absolute)) {
    await context.durable.get(place.absolute);
    return place.absolute;
  }
  if (place.stats !== void 0 && !place.stats.isDirectory()) throw exists(path);
  const parent = await makeParents(context, path);
  const absolute = place.stats === void 0 ? join3(parent, nameOf(path)) : place.absolute;
  if (place.stats === void 0) await makeOne(context, absolute);
  await assertFolder(context, absolute, path);
  await beDurable(context, parent, absolute);
  return absolute;
}
async function makeParents(context, path) {
  const parent = parentOf(path);
  return parent === void 0 ? context.root : await makeFolder(context, parent);
}
async function makeWay(context, path) {
  const place = await locate(context, path, "any");
  const parent = await makeParents(context, path);
  return place.stats === void 0 ? { absolute: join3(parent, nameOf(path)), stats: void 0 } : place;
}
async function makeOne(context, absolute) {
  context.durable.delete(absolute);
  try {
    await context.files.mkdir(absolute);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}
async function assertFolder(context, absolute, path) {
  const stats = await look(context.files, absolute);
  if (!stats?.isDirectory()) throw exists(path);
}

// lib/local/place-new.ts
init_errors2();
init_look();
import { dirname } from "node:path";
var NO_LINK = ["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EMLINK"];
async function placeNew(context, from, to) {
  const linked = await tryLink(context, from, to);
  if (linked === "taken") return false;
  if (linked === "linked") {
    await context.syncFolder(dirname(to));
    await context.files.unlink(from);
    return true;
  }
  if (await look(context.files, to) !== void 0) return false;
  await context.files.rename(from, to);
  await context.syncFolder(dirname(to));
  return true;
}
async function tryLink({ files }, from, to) {
  try {
    await files.link(from, to);
    return "linked";
  } catch (error) {
    if (hasCode(error, "EEXIST")) return "taken";
    if (hasCode(error, ...NO_LINK)) return "unsupported";
    throw error;
  }
}

// lib/local/seen.ts
init_errors2();
init_stamp();
function assertSeen(stats, seen) {
  if (stats === void 0 || !isSeen(stats, seen)) throw changed(seen.path);
}
function isSeen(stats, seen) {
  return isSameFile(stats, seen) && (seen.stamp === "" || timesOf(stats) === seen.stamp);
}
function isSameFile(stats, seen) {
  return stats.isFile() && inodeOf(stats) === seen.inode && Number(stats.size) === seen.sizeBytes && modifiedMsOf(stats) === seen.modifiedMs;
}

// lib/local/secure.ts
import { dirname as dirname2 } from "node:path";

// lib/local/copy-bytes.ts
init_errors2();

// lib/local/read-range.ts
init_errors2();
var CHUNK_BYTES = 1024 * 1024;
async function* readRange(handle, range, reuse) {
  const { start, end, path } = range;
  let buffer;
  for (let at = start; at < end; ) {
    const length = Math.min(CHUNK_BYTES, end - at);
    if (buffer === void 0 || reuse === "fresh") buffer = Buffer.allocUnsafeSlow(length);
    const bytes2 = await handle.read(buffer, 0, length, at);
    if (bytes2 === 0) throw changed(path);
    yield buffer.subarray(0, bytes2);
    at += bytes2;
  }
}

// lib/local/copy-bytes.ts
init_stamp();
var PERMISSIONS = 0o777n;
async function copyBytes({ files }, { from, to, path }) {
  const source = await files.open(from, "read");
  try {
    const target = await files.open(to, "create");
    try {
      await copyBetween(source, target, path);
    } catch (error) {
      await target.close();
      await files.unlink(to).catch(() => void 0);
      throw error;
    }
    await target.close();
  } finally {
    await source.close();
  }
}
async function copyBetween(source, target, path) {
  const before = await source.stat();
  if (!before.isFile()) throw changed(path);
  let at = 0;
  for await (const chunk of readRange(source, { start: 0, end: Number(before.size), path }, "reuse")) {
    await target.write(chunk, at);
    at += chunk.length;
  }
  if (timesOf(await source.stat()) !== timesOf(before)) throw changed(path);
  await ifAllowed(() => target.setMode(Number(before.mode & PERMISSIONS)));
  await ifAllowed(() => target.setTimes(modifiedMsOf(before)));
  await target.sync();
}

// lib/local/secure.ts
init_look();
init_stamp();

// lib/local/trash-name.ts
init_path();
init_look();
init_own_folder();
import { join as join4 } from "node:path";
async function withTrashName(context, path, use) {
  const folder = await makeTrashFolder(context, parentOf(path));
  const absolute = await reserve(context, folder, nameOf(path));
  try {
    return await use(absolute);
  } finally {
    context.reserved.delete(absolute);
  }
}
async function makeTrashFolder(context, path) {
  let folder = await makeOwnFolder(context, TRASH, context.runId);
  for (const name of path === void 0 ? [] : path.split("/")) {
    folder = await makeOwnChild(context, folder, await folderName(context, folder, name));
  }
  return folder;
}
async function folderName(context, folder, name) {
  for (let i = 1; ; i++) {
    const candidate = numbered(name, i);
    const stats = await look(context.files, join4(folder, candidate));
    if (stats === void 0 || stats.isDirectory()) return candidate;
  }
}
async function reserve(context, folder, name) {
  for (let i = 1; ; i++) {
    const absolute = join4(folder, numbered(name, i));
    if (context.reserved.has(absolute)) continue;
    context.reserved.add(absolute);
    try {
      if (await look(context.files, absolute) === void 0) return absolute;
    } catch (error) {
      context.reserved.delete(absolute);
      throw error;
    }
    context.reserved.delete(absolute);
  }
}
var LONGEST_NAME_BYTES = 255;
function numbered(name, number) {
  if (number === 1) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  const suffix = ` (${number})${extension}`;
  const stem = Array.from(name.slice(0, name.length - extension.length));
  while (Buffer.byteLength(stem.join("") + suffix) > LONGEST_NAME_BYTES) stem.pop();
  return stem.join("") + suffix;
}

// lib/local/secure.ts
async function secure(context, { path, absolute }, replace2) {
  const old = await context.files.lstat(absolute);
  await withTrashName(context, path, async (trashed) => {
    const isLinked = await tryLink(context, absolute, trashed) === "linked";
    try {
      if (!isLinked) await copyBytes(context, { from: absolute, to: trashed, path });
      await context.syncFolder(dirname2(trashed));
      await replace2(isLinked ? await look(context.files, trashed) : void 0);
    } catch (error) {
      if (await isStillThere(context, absolute, old)) await context.files.unlink(trashed).catch(() => void 0);
      throw error;
    }
  });
}
async function isStillThere({ files }, absolute, old) {
  const now = await look(files, absolute).catch(() => void 0);
  return now !== void 0 && inodeOf(now) === inodeOf(old);
}

// lib/local/commit.ts
async function commit(context, options) {
  const { partial, path, modifiedMs, replaces } = options;
  return explainErrors("write", path, async () => {
    const { absolute, stats } = await makeWay(context, path);
    if (replaces === void 0 ? stats !== void 0 : stats === void 0) throw changed(path);
    if (replaces !== void 0) assertSeen(stats, replaces);
    await partial.seal((handle) => dress(handle, modifiedMs, stats));
    if (replaces === void 0) {
      if (!await placeNew(context, partial.absolute, absolute)) throw changed(path);
    } else {
      await replace(context, { from: partial.absolute, to: absolute, seen: replaces });
    }
    partial.forget();
    const now = await context.files.lstat(absolute);
    return describeFile(path, { stats: now, nowMs: context.now(), touched: "ours" });
  });
}
async function replace(context, { from, to, seen }) {
  await secure(context, { path: seen.path, absolute: to }, async (saved) => {
    if (saved !== void 0 && !isSameFile(saved, seen)) throw changed(seen.path);
    const last = await look(context.files, to);
    if (last === void 0 || !isSameFile(last, seen)) throw changed(seen.path);
    await context.files.rename(from, to);
  });
  await context.syncFolder(dirname3(to));
}
var PERMISSIONS2 = 0o777n;
async function dress(handle, modifiedMs, old) {
  if (old !== void 0) {
    const own = await handle.stat();
    if (own.uid !== old.uid || own.gid !== old.gid) {
      await ifAllowed(() => handle.setOwner(Number(old.uid), Number(old.gid)));
    }
    if ((own.mode & PERMISSIONS2) !== (old.mode & PERMISSIONS2)) {
      await ifAllowed(() => handle.setMode(Number(old.mode & PERMISSIONS2)));
    }
  }
  if (modifiedMs !== void 0) await ifAllowed(() => handle.setTimes(modifiedMs));
}

// lib/local/content.ts
import { Readable } from "node:stream";

// lib/hash/crypto-hasher.ts
import { createHash } from "node:crypto";
function createCryptoHasher(algorithm) {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    // A Node hash can be read only once, a copy of it costs next to nothing.
    digest: () => `${algorithm}:${hash.copy().digest("hex")}`
  };
}

// lib/hash/dropbox-content-hash.ts
import { createHash as createHash2 } from "node:crypto";
var DROPBOX_BLOCK_BYTES = 4 * 1024 * 1024;
function createDropboxHasher() {
  const blocks = createHash2("sha256");
  let block;
  let missing = DROPBOX_BLOCK_BYTES;
  function update(chunk) {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + missing);
      block ??= createHash2("sha256");
      block.update(piece);
      at += piece.length;
      missing -= piece.length;
      if (missing > 0) continue;
      blocks.update(block.digest());
      block = void 0;
      missing = DROPBOX_BLOCK_BYTES;
    }
  }
  function digest() {
    const all = blocks.copy();
    if (block !== void 0) all.update(block.copy().digest());
    return `dropbox:${all.digest("hex")}`;
  }
  return { update, digest };
}

// lib/hash/quick-xor-hash.ts
var WIDTH_BITS = 160;
var SHIFT_BITS = 11;
var DIGEST_BYTES = WIDTH_BITS / 8;
var ROW_BYTES = 160;
var ROW_WORDS = ROW_BYTES / 4;
var GROUP_WORDS = 8;
var SCRATCH_BYTES = ROW_BYTES * 512;
function createQuickXorHasher() {
  const row = new Int32Array(ROW_WORDS);
  const rowBytes = new Uint8Array(row.buffer);
  let scratch;
  let sizeBytes = 0;
  function update(chunk) {
    const start = sizeBytes % ROW_BYTES;
    const head = start === 0 ? 0 : Math.min(ROW_BYTES - start, chunk.length);
    const tail = chunk.length - (chunk.length - head) % ROW_BYTES;
    mixBytes(rowBytes, start, chunk.subarray(0, head));
    mixRows(chunk.subarray(head, tail));
    mixBytes(rowBytes, 0, chunk.subarray(tail));
    sizeBytes += chunk.length;
  }
  function mixRows(rows) {
    if (rows.byteOffset % 4 === 0) {
      mixWords(row, new Int32Array(rows.buffer, rows.byteOffset, rows.length / 4));
      return;
    }
    scratch ??= new Uint8Array(SCRATCH_BYTES);
    for (let at = 0; at < rows.length; at += SCRATCH_BYTES) {
      const piece = rows.subarray(at, at + SCRATCH_BYTES);
      scratch.set(piece);
      mixWords(row, new Int32Array(scratch.buffer, 0, piece.length / 4));
    }
  }
  return { update, digest: () => `quickxor:${turn(rowBytes, sizeBytes).toString("hex")}` };
}
function mixBytes(row, start, bytes2) {
  for (let i = 0; i < bytes2.length; i++) row[start + i] ^= bytes2[i];
}
function mixWords(row, words) {
  for (let column = 0; column < ROW_WORDS; column += GROUP_WORDS) {
    let [a, b, c, d, e, f2, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let at = column; at < words.length; at += ROW_WORDS) {
      a ^= words[at];
      b ^= words[at + 1];
      c ^= words[at + 2];
      d ^= words[at + 3];
      e ^= words[at + 4];
      f2 ^= words[at + 5];
      g ^= words[at + 6];
      h ^= words[at + 7];
    }
    row[column] ^= a;
    row[column + 1] ^= b;
    row[column + 2] ^= c;
    row[column + 3] ^= d;
    row[column + 4] ^= e;
    row[column + 5] ^= f2;
    row[column + 6] ^= g;
    row[column + 7] ^= h;
  }
}
function turn(row, sizeBytes) {
  const ring = Buffer.alloc(DIGEST_BYTES);
  for (let i = 0; i < ROW_BYTES; i++) {
    const bit = i * SHIFT_BITS % WIDTH_BITS;
    const shifted = row[i] << bit % 8;
    const at = bit >> 3;
    ring[at] ^= shifted & 255;
    ring[(at + 1) % DIGEST_BYTES] ^= shifted >> 8;
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(sizeBytes));
  for (let i = 0; i < length.length; i++) ring[DIGEST_BYTES - length.length + i] ^= length[i];
  return ring;
}

// lib/hash/hasher.ts
function createHasher(algorithm) {
  return CREATORS[algorithm]();
}
var CREATORS = {
  sha256: () => createCryptoHasher("sha256"),
  sha1: () => createCryptoHasher("sha1"),
  md5: () => createCryptoHasher("md5"),
  dropbox: createDropboxHasher,
  quickxor: createQuickXorHasher
};

// lib/local/content.ts
init_errors2();
async function openContent(context, seen) {
  const { path, sizeBytes } = seen;
  const handle = await openSeen(context, seen);
  async function* read(start, end) {
    yield* readRange(handle, { start, end, path }, "fresh");
    assertSeen(await handle.stat(), seen);
  }
  return {
    sizeBytes,
    open: (start, end) => Readable.from(inWords(path, read(start, end)), { objectMode: false }),
    read: (start, end) => explainErrors("read", path, () => gather(read(start, end))),
    verify: () => explainErrors("read", path, async () => {
      assertSeen(await handle.stat(), seen);
      assertSeen((await locate(context, path, "present")).stats, seen);
    }),
    close: () => explainErrors("close", path, () => handle.close())
  };
}
async function hashSeen(context, {
  seen,
  algorithm,
  signal
}) {
  signal.throwIfAborted();
  const handle = await openSeen(context, seen);
  return explainErrors("read", seen.path, async () => {
    try {
      const hasher = createHasher(algorithm);
      for await (const chunk of readRange(handle, { start: 0, end: seen.sizeBytes, path: seen.path }, "reuse")) {
        signal.throwIfAborted();
        hasher.update(chunk);
      }
      assertSeen(await handle.stat(), seen);
      return hasher.digest();
    } finally {
      await handle.close();
    }
  });
}
async function openSeen(context, seen) {
  return explainErrors("read", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    assertSeen(stats, seen);
    const handle = await context.files.open(absolute, "read");
    try {
      assertSeen(await handle.stat(), seen);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}
async function gather(chunks) {
  const gathered = [];
  for await (const chunk of chunks) gathered.push(chunk);
  return gathered.length === 1 && gathered[0] !== void 0 ? gathered[0] : Buffer.concat(gathered);
}
async function* inWords(path, chunks) {
  try {
    for (; ; ) {
      const next = await explainErrors("read", path, () => chunks.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await chunks.return(void 0);
  }
}

// lib/local/copy-to.ts
import { randomUUID } from "node:crypto";
import { join as join5 } from "node:path";
init_describe();
init_errors2();
init_own_folder();
async function copyTo(context, seen, path) {
  return explainErrors("copy to", path, async () => {
    const source = await locate(context, seen.path, "present");
    assertSeen(source.stats, seen);
    const target = await makeWay(context, path);
    if (target.stats !== void 0) throw exists(path);
    const name = `${randomUUID()}.copy`;
    const temporary = join5(await makeOwnFolder(context, TEMPORARY), name);
    context.partials.add(name);
    try {
      await copyBytes(context, { from: source.absolute, to: temporary, path: seen.path });
      assertSeen((await locate(context, seen.path, "present")).stats, seen);
      if (!await placeNew(context, temporary, target.absolute)) throw exists(path);
    } catch (error) {
      await context.files.unlink(temporary).catch(() => void 0);
      throw error;
    } finally {
      context.partials.delete(name);
    }
    const stats = await context.files.lstat(target.absolute);
    return describeFile(path, { stats, nowMs: context.now(), touched: "ours" });
  });
}

// lib/local/open-folder.ts
init_describe();
init_errors2();

// lib/local/coalesce-syncs.ts
function coalesceSyncs(sync) {
  const running = /* @__PURE__ */ new Map();
  const waiting = /* @__PURE__ */ new Map();
  async function runAfter(path, earlier) {
    await earlier?.catch(() => void 0);
    const begun = waiting.get(path);
    waiting.delete(path);
    if (begun !== void 0) running.set(path, begun);
    try {
      await sync(path);
    } finally {
      if (running.get(path) === begun) running.delete(path);
    }
  }
  return (path) => {
    const next = waiting.get(path);
    if (next !== void 0) return next;
    const earlier = running.get(path) ?? Promise.resolve();
    const mine = runAfter(path, earlier);
    waiting.set(path, mine);
    return mine;
  };
}

// lib/local/folder-context.ts
function createContext(options) {
  return {
    ...options,
    platformIgnoresCase: options.platformIgnoresCase ?? false,
    syncFolder: coalesceSyncs((path) => options.files.syncFolder(path)),
    durable: /* @__PURE__ */ new Map(),
    partials: /* @__PURE__ */ new Set(),
    reserved: /* @__PURE__ */ new Set()
  };
}

// lib/local/open-folder.ts
init_identify();

// lib/local/ignores-case.ts
init_errors2();
init_look();
init_stamp();
import { basename, dirname as dirname4, join as join6 } from "node:path";
async function ignoresCase({ root: root2, files, platformIgnoresCase }) {
  return await askEntries(files, root2) ?? await askRoot(files, root2) ?? platformIgnoresCase;
}
async function askEntries(files, folder) {
  const names = await readNames(files, folder);
  const taken = new Set(names);
  for (const name of names) {
    const other = swapCase(name);
    if (other !== name && taken.has(other)) return false;
    const answer = other === name ? void 0 : await compare(files, join6(folder, name), join6(folder, other));
    if (answer !== void 0) return answer;
  }
  return void 0;
}
async function askRoot(files, root2) {
  const other = swapCase(basename(root2));
  const parent = dirname4(root2);
  const [inside, outside] = [await stat(files, root2), await stat(files, parent)];
  if (other === basename(root2) || inside === void 0 || inside.dev !== outside?.dev) return void 0;
  return compare(files, root2, join6(parent, other));
}
async function compare(files, name, otherName) {
  const stats = await stat(files, name);
  if (stats === void 0) return void 0;
  const other = await stat(files, otherName);
  return other !== void 0 && inodeOf(other) === inodeOf(stats);
}
async function readNames(files, folder) {
  try {
    return await files.readdir(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}
async function stat(files, absolute) {
  try {
    return await look(files, absolute);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return void 0;
  }
}
function swapCase(name) {
  return name.replace(
    /[a-z]/gi,
    (letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
  );
}

// lib/local/move.ts
init_errors();
init_path();
init_describe();
init_errors2();
import { dirname as dirname5 } from "node:path";
init_look();
init_stamp();
async function move(context, seen, to) {
  return explainErrors("move to", to, async () => {
    if (isBelow(to, seen.path)) throw new LocalError("refused", `cannot move ${JSON.stringify(seen.path)} into itself`);
    const source = await locate(context, seen.path, "present");
    assertMovable(source.stats, seen);
    const target = await makeWay(context, to);
    if (target.stats === void 0) await moveToFree(context, { source, target, seen, to });
    else if (isOtherSpelling({ source, target, seen, to })) await rename(context, source, target);
    else throw exists(to);
    const stats = await context.files.lstat(target.absolute);
    return describe(to, { stats, nowMs: context.now(), touched: "ours" });
  });
}
function assertMovable(stats, seen) {
  if (stats === void 0) throw changed(seen.path);
  const isSame = seen.kind === "file" ? isSeen(stats, seen) : seen.kind === "folder" && stats.isDirectory() && inodeOf(stats) === seen.inode;
  if (!isSame) throw changed(seen.path);
}
function isOtherSpelling({ source, target, seen, to }) {
  const isSameEntry = source.stats !== void 0 && target.stats !== void 0 && inodeOf(source.stats) === inodeOf(target.stats);
  return isSameEntry && seen.path !== to && fold(seen.path) === fold(to);
}
function fold(path) {
  return path.toLowerCase().normalize("NFC");
}
async function moveToFree(context, { source, target, seen, to }) {
  if (seen.kind === "file") {
    if (!await placeNew(context, source.absolute, target.absolute)) throw exists(to);
    await context.syncFolder(dirname5(source.absolute));
    return;
  }
  await rename(context, source, target);
  const moved = await look(context.files, target.absolute);
  if (moved !== void 0 && source.stats !== void 0 && inodeOf(moved) === inodeOf(source.stats)) return;
  await rename(context, target, source);
  throw changed(seen.path);
}
async function rename(context, source, target) {
  await context.files.rename(source.absolute, target.absolute);
  await context.syncFolder(dirname5(target.absolute));
  if (dirname5(target.absolute) !== dirname5(source.absolute)) await context.syncFolder(dirname5(source.absolute));
}

// lib/local/partial.ts
import { createHash as createHash3 } from "node:crypto";
import { join as join7 } from "node:path";
init_errors();
init_errors2();
init_look();
init_own_folder();
async function openPartial(context, options) {
  return explainErrors("write a temporary file in", context.root, async () => {
    const name = freeName(context, options.key);
    context.partials.add(name);
    try {
      const kept = await openKept(context, name, options);
      const partial = kept ?? await createPartial(context, name, options);
      await assertRoom(context, partial, options.sizeBytes);
      return partial;
    } catch (error) {
      context.partials.delete(name);
      throw error;
    }
  });
}
var DiskPartial = class {
  constructor(owner, start) {
    this.owner = owner;
    this.#handle = start.handle;
    this.#hasher = start.hasher;
    this.#sizeBytes = start.sizeBytes;
  }
  owner;
  #handle;
  #hasher;
  #sizeBytes;
  get absolute() {
    return this.owner.absolute;
  }
  get sizeBytes() {
    return this.#sizeBytes;
  }
  async write(chunk) {
    await this.#explained(async () => {
      await this.#open().write(chunk, this.#sizeBytes);
      this.#hasher.update(chunk);
      this.#sizeBytes += chunk.length;
    });
  }
  /** A new file rather than a shortened one: the old one's bytes may have a second name after a crash. */
  async restart() {
    const { context, absolute, algorithm } = this.owner;
    await this.#explained(async () => {
      await this.close();
      await remove(context.files, absolute);
      this.#handle = await context.files.open(absolute, "create");
      this.#hasher = createHasher(algorithm);
      this.#sizeBytes = 0;
    });
  }
  hash() {
    return this.#hasher.digest();
  }
  async keep() {
    await this.#explained(() => this.close());
  }
  async discard() {
    const { context, absolute, name } = this.owner;
    await this.#explained(async () => {
      await this.close();
      await remove(context.files, absolute);
    });
    context.partials.delete(name);
  }
  /** Lets `finish` put on times and permissions, makes all of it durable and closes the file. */
  async seal(finish) {
    this.#handle ??= await this.owner.context.files.open(this.owner.absolute, "read-write");
    const handle = this.#handle;
    await finish(handle);
    await handle.sync();
    await this.close();
  }
  /** The file has its place in the tree now, and its temporary name is free again. */
  forget() {
    this.owner.context.partials.delete(this.owner.name);
  }
  async close() {
    const handle = this.#handle;
    this.#handle = void 0;
    await handle?.close();
  }
  #open() {
    if (this.#handle === void 0) throw new Error("this partial file is closed already");
    return this.#handle;
  }
  #explained(work) {
    return explainErrors("write the temporary file", this.owner.absolute, work);
  }
};
function freeName({ partials }, key) {
  const digest = createHash3("sha256").update(key).digest("hex").slice(0, 40);
  let name = `${digest}.part`;
  for (let i = 2; partials.has(name); i++) name = `${digest}-${i}.part`;
  return name;
}
async function createPartial(context, name, options) {
  const { algorithm } = options;
  const absolute = join7(await makeOwnFolder(context, TEMPORARY), name);
  await assertFits(context, options.sizeBytes);
  const handle = await createFile(context.files, absolute);
  const start = { handle, hasher: createHasher(algorithm), sizeBytes: 0 };
  return new DiskPartial({ context, name, absolute, algorithm }, start);
}
async function openKept(context, name, { algorithm, sizeBytes }) {
  const folder = await findOwnFolder(context, TEMPORARY);
  if (folder === void 0) return void 0;
  const absolute = join7(folder, name);
  const stats = await look(context.files, absolute);
  const isOurs = stats !== void 0 && stats.isFile() && stats.nlink === 1n && Number(stats.size) <= sizeBytes;
  if (!isOurs) return void 0;
  const handle = await context.files.open(absolute, "read-write");
  try {
    const hasher = createHasher(algorithm);
    const range = { start: 0, end: Number(stats.size), path: absolute };
    for await (const chunk of readRange(handle, range, "reuse")) hasher.update(chunk);
    const start = { handle, hasher, sizeBytes: range.end };
    return new DiskPartial({ context, name, absolute, algorithm }, start);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
async function assertRoom(context, partial, sizeBytes) {
  if (partial.sizeBytes === 0) return;
  try {
    await assertFits(context, sizeBytes - partial.sizeBytes);
  } catch (error) {
    await partial.close();
    throw error;
  }
}
async function assertFits(context, bytes2) {
  const free = await context.files.freeBytes(context.root);
  if (bytes2 <= free) return;
  const words = `${bytes2} bytes are needed and ${free} are free; free some space, then run again`;
  throw new LocalError("full", `no room for a file in ${JSON.stringify(context.root)}: ${words}`);
}
async function createFile(files, absolute) {
  try {
    return await files.open(absolute, "create");
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  await remove(files, absolute);
  return files.open(absolute, "create");
}
async function remove(files, absolute) {
  try {
    await files.unlink(absolute);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

// lib/local/remove-folder.ts
init_errors();
init_path();
init_errors2();
import { dirname as dirname7, join as join8 } from "node:path";

// lib/local/litter.ts
var LITTER = /* @__PURE__ */ new Set([".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"]);
function isLitter(name) {
  return LITTER.has(name.toLowerCase()) || name === "Icon\r";
}

// lib/local/remove-folder.ts
init_look();

// lib/local/move-to-trash.ts
import { dirname as dirname6 } from "node:path";
async function moveToTrash(context, path, absolute) {
  return withTrashName(context, path, async (trashed) => {
    await context.files.rename(absolute, trashed);
    await context.syncFolder(dirname6(trashed));
    await context.syncFolder(dirname6(absolute));
    return trashed;
  });
}

// lib/local/remove-folder.ts
async function removeFolder(context, path) {
  await explainErrors("remove", path, async () => {
    const { absolute, stats } = await locate(context, path, "present");
    if (stats === void 0) return;
    if (!stats.isDirectory()) throw changed(path);
    for (const name of await listLitter(context, absolute, path)) {
      await moveToTrash(context, joinPath(path, name), join8(absolute, name));
    }
    await removeEmpty(context, absolute, path);
    await context.syncFolder(dirname7(absolute));
  });
}
async function listLitter(context, absolute, path) {
  const names = await context.files.readdir(absolute);
  for (const name of names) {
    const stats = await look(context.files, join8(absolute, name));
    const goes = isLitter(name) && stats?.isFile() && parseSyncPath(name) !== void 0;
    if (!goes) throw notEmpty(path, name);
  }
  return names;
}
async function removeEmpty(context, absolute, path) {
  try {
    await context.files.rmdir(absolute);
    context.durable.delete(absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) throw changed(path);
    throw error;
  }
}
function notEmpty(path, name) {
  const words = `it still holds ${JSON.stringify(name)}; move that elsewhere if the folder is to go`;
  return new LocalError("changed", `${JSON.stringify(path)} stays: ${words}`);
}

// lib/local/restore.ts
init_describe();
init_errors();
init_path();
import { dirname as dirname8 } from "node:path";
init_errors2();
init_own_folder();
async function restore(context, entry) {
  await explainErrors("restore", entry.path, async () => {
    const source = await findTrashed(context, entry);
    if (entry.kind === "folder") {
      await makeFolder(context, entry.path);
      return;
    }
    await bringBack(context, entry, source.absolute);
    await context.syncFolder(dirname8(source.absolute));
  });
}
async function findTrashed(context, { runId, path, kind }) {
  const isOneName = parseSyncPath(runId) !== void 0 && !/[\\/]/.test(runId);
  const root2 = isOneName ? await findOwnFolder(context, TRASH, runId) : void 0;
  const place = root2 === void 0 ? void 0 : await locate({ root: root2, files: context.files }, path, "present");
  if (place?.stats !== void 0 && (kind === "file" ? place.stats.isFile() : place.stats.isDirectory())) return place;
  throw new LocalError(
    "not-found",
    `${JSON.stringify(path)} is not in the trash of run ${runId}; list the trash first`
  );
}
async function bringBack(context, { path }, from) {
  const target = await makeWay(context, path);
  if (target.stats?.isFile()) {
    const seen = describeFile(path, { stats: target.stats, nowMs: context.now(), touched: "ours" });
    await replace(context, { from, to: target.absolute, seen });
    return;
  }
  if (target.stats !== void 0 && !target.stats.isDirectory()) throw exists(path);
  if (target.stats !== void 0) await moveToTrash(context, path, target.absolute);
  if (!await placeNew(context, from, target.absolute)) throw changed(path);
}

// lib/local/tidy.ts
init_errors2();
init_look();
init_own_folder();
import { join as join9 } from "node:path";
var DAY_MS = 24 * 60 * 60 * 1e3;
async function tidy(context, days) {
  await explainErrors("tidy", context.root, async () => {
    await removeTemporary(context);
    await removeOldTrash(context, days);
  });
}
async function removeTemporary(context) {
  const folder = await findOwnFolder(context, TEMPORARY);
  if (folder === void 0) return;
  for (const name of await context.files.readdir(folder)) {
    if (!context.partials.has(name)) await removeTree(context.files, join9(folder, name));
  }
}
async function removeOldTrash(context, days) {
  const trash = await findOwnFolder(context, TRASH);
  if (trash === void 0) return;
  const oldest = context.now() - days * DAY_MS;
  for (const runId of await context.files.readdir(trash)) {
    const startedMs = parseRunTime(runId);
    if (startedMs === void 0 || startedMs >= oldest || runId === context.runId) continue;
    await removeTree(context.files, join9(trash, runId));
  }
}
function parseRunTime(runId) {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-z]+$/.exec(runId);
  if (match === null) return void 0;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? void 0 : ms;
}
async function removeTree(files, absolute) {
  const stats = await look(files, absolute);
  if (stats === void 0) return;
  if (stats.isDirectory())
    for (const name of await files.readdir(absolute)) await removeTree(files, join9(absolute, name));
  try {
    await (stats.isDirectory() ? files.rmdir(absolute) : files.unlink(absolute));
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

// lib/local/trash-file.ts
init_errors2();
init_look();
async function trashFile(context, seen) {
  await explainErrors("move to the trash", seen.path, async () => {
    const { absolute, stats } = await locate(context, seen.path, "present");
    if (stats === void 0) return;
    assertSeen(stats, seen);
    const trashed = await moveUnlessGone(context, seen, absolute);
    if (trashed === void 0) return;
    const moved = await look(context.files, trashed);
    if (moved !== void 0 && isSameFile(moved, seen)) return;
    await placeNew(context, trashed, absolute);
    throw changed(seen.path);
  });
}
async function moveUnlessGone(context, seen, absolute) {
  try {
    return await moveToTrash(context, seen.path, absolute);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return void 0;
    throw error;
  }
}

// lib/local/trash-listing.ts
init_path();
init_errors2();
init_look();
init_own_folder();
import { join as join10 } from "node:path";
async function listTrash(context) {
  return explainErrors("list the trash of", context.root, async () => {
    const trash = await findOwnFolder(context, TRASH);
    if (trash === void 0) return [];
    const entries = [];
    for (const runId of (await context.files.readdir(trash)).sort(compareKeys).reverse()) {
      const stats = await look(context.files, join10(trash, runId));
      if (stats?.isDirectory())
        await collect(context, { runId, absolute: join10(trash, runId), path: void 0 }, entries);
    }
    return entries;
  });
}
async function collect(context, folder, entries) {
  const { runId } = folder;
  const names = (await context.files.readdir(folder.absolute)).sort(compareKeys);
  if (names.length === 0 && folder.path !== void 0) {
    entries.push({ runId, path: folder.path, kind: "folder", sizeBytes: 0 });
  }
  for (const name of names) {
    if (parseSyncPath(name) === void 0) continue;
    const path = joinPath(folder.path, name);
    const absolute = join10(folder.absolute, name);
    const stats = await look(context.files, absolute);
    if (stats?.isDirectory()) await collect(context, { runId, absolute, path }, entries);
    else if (stats?.isFile()) entries.push({ runId, path, kind: "file", sizeBytes: Number(stats.size) });
  }
}

// lib/local/open-folder.ts
function openFolder(options) {
  const context = createContext(options);
  return {
    root: context.root,
    identify: () => identify(context),
    ignoresCase: () => ignoresCase(context),
    scan: (filter, signal) => scanLazily(context, filter, signal),
    stat: (path) => stat2(context, path),
    hash: (seen, algorithm, signal) => hashSeen(context, { seen, algorithm, signal }),
    content: (seen) => openContent(context, seen),
    openPartial: (key, algorithm, sizeBytes) => openPartial(context, { key, algorithm, sizeBytes }),
    commit: async (partial, path, modifiedMs, replaces) => {
      if (!(partial instanceof DiskPartial)) throw new Error("only partial files of this folder can be put into it");
      return commit(context, { partial, path, modifiedMs, replaces });
    },
    copyTo: (seen, path) => copyTo(context, seen, path),
    createFolder: (path) => createFolder(context, path),
    move: (seen, to) => move(context, seen, to),
    trashFile: (seen) => trashFile(context, seen),
    removeFolder: (path) => removeFolder(context, path),
    listTrash: () => listTrash(context),
    restore: (entry) => restore(context, entry),
    tidy: (days) => tidy(context, days)
  };
}
async function* scanLazily(context, filter, signal) {
  const { scan: scan2 } = await Promise.resolve().then(() => (init_scan(), scan_exports));
  yield* scan2(context, filter, signal);
}
async function stat2(context, path) {
  return explainErrors("look at", path, async () => {
    const { stats } = await locate(context, path, "present");
    return stats === void 0 ? void 0 : describe(path, { stats, nowMs: context.now(), touched: "by anyone" });
  });
}
async function createFolder(context, path) {
  return explainErrors("create the folder", path, async () => {
    const absolute = await makeFolder(context, path);
    const stats = await context.files.lstat(absolute);
    return describe(path, { stats, nowMs: context.now(), touched: "ours" });
  });
}

// lib/local/file-system.ts
import fs from "node:fs";
var nodeFileSystem = {
  lstatSync: (path) => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  lstat: (path) => fs.promises.lstat(path, { bigint: true }),
  readdir: (path) => fs.promises.readdir(path),
  readdirWithTypes: (path, done) => {
    fs.readdir(path, { withFileTypes: true }, done);
  },
  open: openNodeFile,
  mkdir: (path, permissions) => fs.promises.mkdir(path, { mode: permissions ?? 511 }),
  rename: (from, to) => fs.promises.rename(from, to),
  link: (from, to) => fs.promises.link(from, to),
  unlink: (path) => fs.promises.unlink(path),
  rmdir: (path) => fs.promises.rmdir(path),
  syncFolder: syncNodeFolder,
  freeBytes: async (path) => {
    const { bavail, bsize } = await fs.promises.statfs(path);
    return bavail * bsize;
  },
  realpath: (path) => fs.promises.realpath(path)
};
var NO_FOLDER_SYNC = /* @__PURE__ */ new Set(["EISDIR", "EINVAL", "EPERM", "ENOTSUP", "ENOSYS", "EBADF"]);
async function syncNodeFolder(path) {
  try {
    const handle = await fs.promises.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : void 0;
    if (typeof code !== "string" || !NO_FOLDER_SYNC.has(code)) throw error;
  }
}
var { O_NOFOLLOW: NO_FOLLOW = 0, O_NONBLOCK: NO_WAIT = 0 } = fs.constants;
var FLAGS = {
  read: fs.constants.O_RDONLY | NO_FOLLOW | NO_WAIT,
  create: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | NO_FOLLOW,
  "read-write": fs.constants.O_RDWR | NO_FOLLOW | NO_WAIT
};
async function openNodeFile(path, mode) {
  const handle = await fs.promises.open(path, FLAGS[mode], 438);
  return {
    read: async (buffer, offset, length, position) => (await handle.read(buffer, offset, length, position)).bytesRead,
    write: async (buffer, position) => {
      for (let done = 0; done < buffer.length; ) {
        done += (await handle.write(buffer, done, buffer.length - done, position + done)).bytesWritten;
      }
    },
    stat: () => handle.stat({ bigint: true }),
    sync: () => handle.sync(),
    setTimes: (modifiedMs) => handle.utimes(modifiedMs / 1e3, modifiedMs / 1e3),
    setMode: (mode2) => handle.chmod(mode2),
    setOwner: (uid, gid) => handle.chown(uid, gid),
    close: () => handle.close()
  };
}

// ../../tmp/walkbench.ts
var root = process.argv[2];
var f = openFolder({ root, files: nodeFileSystem, runId: "x", now: Date.now });
var peak = 0;
var t = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5);
var s = performance.now();
var n = 0;
var p = 0;
var bytes = 0;
var slow = process.argv[3] === "slow";
for await (const i of f.scan({ includes: () => true }, new AbortController().signal)) {
  if (i.kind === "entry") {
    n++;
    bytes += i.entry.path.length;
  } else p++;
  if (n % 500 === 0) {
    peak = Math.max(peak, process.memoryUsage().rss);
    if (slow) await new Promise((r) => setTimeout(r, 2));
  }
}
clearInterval(t);
console.log(n, p, ((performance.now() - s) / 1e3).toFixed(2) + "s", "peak RSS", (peak / 1e6).toFixed(0), "MB", "cpu", (process.cpuUsage().user / 1e6).toFixed(2));
