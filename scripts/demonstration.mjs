import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";

/**
 * Shows the program at work on a made-up tree in a temporary folder, which is all that it touches. After every command the
 * files are looked at, so that the demonstration cannot claim what did not happen. Resolves to the exit code.
 */
export async function runDemonstration(entry) {
  const stage = createStage(entry);
  // An interrupt reaches the running command too; its exit code ends the demonstration below.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    for (const scene of SCENES) await scene(stage);
  } catch (error) {
    say(`\nThe demonstration stopped: ${error.message}\nIts files are kept in ${stage.folder}`);
    return 1;
  } finally {
    process.off("SIGINT", ignore);
  }
  fs.rmSync(stage.folder, { recursive: true });
  say(`\nThat is all. ${stage.folder} has been removed again.`);
  say("Your own folders next, looking first:  npm start -- plan ~/Documents folder:/mnt/backup/Documents");
  return 0;
}

const SCENES = [firstSync, changeOnEachSide, conflict, deletionAndRestore, lastLook];

async function firstSync(stage) {
  title("Two folders that have never met: plan changes nothing, sync makes them agree.");
  stage.write("laptop/letter.txt", "Dear Ada,\n");
  stage.write("laptop/notes/ideas.md", "- a lighthouse\n");
  stage.write("laptop/photos/sea.jpg", "made-up picture of the sea");
  stage.write("disk/archive/1999.txt", "found on the disk\n");
  await stage.run(["plan"]);
  assert.equal(stage.read("disk/letter.txt"), undefined, "plan wrote to the disk");
  await stage.run(["sync"]);
  stage.assertSame();
}

async function changeOnEachSide(stage) {
  title("One file changes here, another appears there: each goes to the other side.");
  stage.write("laptop/letter.txt", "Dear Ada,\nthank you for the engine.\n");
  stage.write("disk/notes/from-the-disk.md", "- a windmill\n");
  await stage.run(["sync"]);
  assert.equal(stage.read("disk/letter.txt"), "Dear Ada,\nthank you for the engine.\n");
  assert.equal(stage.read("laptop/notes/from-the-disk.md"), "- a windmill\n");
  stage.assertSame();
}

async function conflict(stage) {
  title("The same file is edited on both sides: both versions are kept, on both sides.");
  stage.write("laptop/notes/ideas.md", "- a lighthouse, in red\n");
  stage.write("disk/notes/ideas.md", "- a lighthouse, in white and blue\n");
  await stage.run(["sync"]);
  stage.assertSame();
  const versions = stage.list("laptop/notes").filter((name) => name.startsWith("ideas"));
  assert.equal(versions.length, 2, `expected two versions, found ${versions.join(", ")}`);
}

async function deletionAndRestore(stage) {
  title("A file is deleted there: the copy here goes to the trash, and restore brings it back.");
  stage.remove("disk/photos/sea.jpg");
  await stage.run(["sync"]);
  assert.equal(stage.read("laptop/photos/sea.jpg"), undefined, "the deletion did not arrive");
  await stage.run(["restore"]);
  await stage.run(["restore", "photos/sea.jpg"]);
  assert.equal(stage.read("laptop/photos/sea.jpg"), "made-up picture of the sea");
  await stage.run(["sync"]);
  stage.assertSame();
}

async function lastLook(stage) {
  title("Nothing has changed since: nothing to do. explain and status tell about a path and about the runs.");
  await stage.run(["sync"]);
  stage.assertSame();
  await stage.run(["explain", "letter.txt"]);
  await stage.run(["status"]);
}

function createStage(entry) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "trisync-demonstration-")));
  const at = (name) => path.join(folder, name);
  for (const name of ["laptop", "disk", "state"]) fs.mkdirSync(at(name));
  const sides = ["--local", "laptop", "--remote", `folder:${at("disk")}`, "--state", "state"];
  return {
    folder,
    run: (args) => runCommand({ entry, args: [...args, ...sides], cwd: folder }),
    read: (name) => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), "utf8") : undefined),
    write(name, text) {
      fs.mkdirSync(path.dirname(at(name)), { recursive: true });
      fs.writeFileSync(at(name), text);
      say(`  (write ${name})`);
    },
    remove(name) {
      fs.rmSync(at(name));
      say(`  (delete ${name})`);
    },
    list: (name) => fs.readdirSync(at(name)),
    assertSame: () => assert.deepEqual(readTree(at("laptop")), readTree(at("disk")), "the two sides differ"),
  };
}

async function runCommand({ entry, args, cwd }) {
  say(`\n$ trisync ${args.join(" ")}`);
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: withoutSettings(),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [exitCode, signal] = await once(child, "exit");
  if (exitCode !== 0) throw new Error(`trisync ${args[0]} ended with ${signal ?? `exit code ${exitCode}`}, not 0`);
}

/** The environment without the user's own settings, which would turn the demonstration into a run on real folders. */
function withoutSettings() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TRISYNC_")));
}

/** Relative path to content, without what trisync keeps for itself. */
function readTree(root) {
  const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
  const visible = paths.filter((name) => name.split(path.sep)[0] !== ".trisync").sort();
  return Object.fromEntries(visible.map((name) => [name, fs.readFileSync(path.join(root, name), "utf8")]));
}

function title(text) {
  say(`\n=== ${text}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
