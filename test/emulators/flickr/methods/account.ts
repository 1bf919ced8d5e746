import type { Account } from "../accounts.js";
import { commonFailure, userNotFound } from "../failures.js";
import { type Call, canSee, flag, listArg, me, type Method, required } from "../route.js";
import type { Tree } from "../rest-format.js";
import { toSqlTime, toUnix } from "../photo.js";

export const accountMethods: readonly Method[] = [
  { name: "test.echo", perms: "none", args: ["*"], run: echo },
  { name: "test.null", perms: "read", args: [], run: () => ({}) },
  { name: "test.login", perms: "read", args: [], run: login },
  { name: "auth.oauth.checkToken", perms: "none", args: [], run: checkToken },
  { name: "people.getInfo", perms: "none", args: ["user_id"], run: getInfo },
  { name: "people.findByUsername", perms: "none", args: ["username"], run: findByUsername },
  { name: "people.getUploadStatus", perms: "read", args: [], run: getUploadStatus },
  { name: "people.getLimits", perms: "read", args: [], run: getLimits },
  { name: "prefs.getPrivacy", perms: "read", args: [], run: getPrivacy },
  { name: "photos.upload.checkTickets", perms: "none", args: ["tickets"], run: checkTickets },
];

function echo({ fields }: Call): Tree {
  const given = Object.entries(fields.arguments());
  return Object.fromEntries(given.map(([name, value]) => [name, { _content: value }]));
}

function login(call: Call): Tree {
  const { nsid, username, pathAlias } = me(call);
  return { user: { id: nsid, username: { _content: username }, path_alias: pathAlias } };
}

/** The one call that tells what a token allows. */
function checkToken({ caller, fields }: Call): Tree {
  const { account, perms } = caller;
  if (account === undefined) throw commonFailure(98);
  const { nsid, username, fullname } = account;
  return {
    oauth: {
      token: { _content: fields.get("oauth_token") ?? "" },
      perms: { _content: perms },
      user: { nsid, username, fullname },
    },
  };
}

function getInfo(call: Call): Tree {
  const account = call.world.accounts.get(required(call, "user_id"));
  if (account === undefined) throw userNotFound(1);
  const photos = account.library.photos.filter((photo) => canSee(call, photo));
  const firstTaken = photos.map(({ taken }) => taken.text).sort()[0] ?? toSqlTime(account.joinedMs);
  const firstPosted = Math.min(account.joinedMs, ...photos.map(({ postedMs }) => postedMs));
  return {
    person: {
      id: account.nsid,
      nsid: account.nsid,
      ispro: flag(call.world.settings.plan === "pro"),
      path_alias: account.pathAlias,
      username: { _content: account.username },
      realname: { _content: account.fullname },
      photos: {
        firstdatetaken: { _content: firstTaken },
        firstdate: { _content: toUnix(firstPosted) },
        count: { _content: photos.length },
      },
    },
  };
}

function findByUsername(call: Call): Tree {
  const wanted = required(call, "username");
  const account = call.world.accounts.find(({ username }) => username === wanted);
  if (account === undefined) throw userNotFound(1);
  return { user: { id: account.nsid, nsid: account.nsid, username: { _content: account.username } } };
}

const KIB = 1024;

function getUploadStatus(call: Call): Tree {
  const { photoBytes, plan, setsPerAccount, videoBytes, videosPerAccount } = call.world.settings;
  const account = me(call);
  const { sets } = account.library;
  const videos = videosOf(account);
  const usedBytes = account.library.photos.reduce((sum, { content }) => sum + content.bytes.sizeBytes, 0);
  return {
    user: {
      id: account.nsid,
      ispro: flag(plan === "pro"),
      username: { _content: account.username },
      bandwidth: {
        ...{ max: "0", maxbytes: "0", maxkb: "0", remainingbytes: "0", remainingkb: "0", unlimited: 1 },
        ...{ used: String(usedBytes), usedbytes: String(usedBytes), usedkb: String(Math.ceil(usedBytes / KIB)) },
      },
      filesize: { max: String(photoBytes), maxbytes: String(photoBytes), ...inKib(photoBytes) },
      sets: { created: sets.length, remaining: remaining(setsPerAccount - sets.length) },
      videosize: { maxbytes: String(videoBytes), ...inKib(videoBytes) },
      videos: { uploaded: videos, remaining: remaining(videosPerAccount - videos) },
      ...(plan === "free" ? { upload_limits: itemLimits(call, account) } : {}),
    },
  };
}

function itemLimits({ world }: Call, { library }: Account): Tree {
  const { freeItems } = world.settings;
  const used = library.photos.length;
  return { max: String(freeItems), used: String(used), remaining: String(Math.max(0, freeItems - used)) };
}

function inKib(bytes: number): Tree {
  return { maxkb: String(Math.floor(bytes / KIB)), maxmb: String(Math.floor(bytes / KIB / KIB)) };
}

/** A number, or a word. */
function remaining(count: number): string {
  return Number.isFinite(count) ? String(Math.max(0, count)) : "lots";
}

function videosOf({ library }: Account): number {
  return library.photos.filter(({ media }) => media.kind === "video").length;
}

function getLimits(call: Call): Tree {
  const { photoBytes, plan, videoBytes } = call.world.settings;
  const isFree = plan === "free";
  return {
    person: {
      nsid: me(call).nsid,
      photos: { maxdisplaypx: isFree ? "1024" : "6144", maxupload: String(photoBytes) },
      videos: { maxduration: isFree ? "180" : "600", maxupload: String(videoBytes) },
    },
  };
}

function getPrivacy(call: Call): Tree {
  return { person: { nsid: me(call).nsid, privacy: call.world.settings.defaultPrivacy === "public" ? 1 : 5 } };
}

function checkTickets(call: Call): Tree {
  required(call, "tickets");
  return { uploader: { ticket: listArg(call, "tickets").map((id) => ticketRow(call, id)) } };
}

function ticketRow({ fault, world }: Call, id: string): Tree {
  const ticket = fault?.kind === "lost-tickets" ? undefined : world.tickets.get(id);
  if (ticket === undefined) return { id, invalid: 1 };
  if (ticket.state === "working") return { id, complete: 0 };
  if (ticket.state === "failed") return { id, complete: 2 };
  return { id, complete: 1, photoid: ticket.photoId, imported: toUnix(ticket.finishedMs) };
}
