import * as z from "zod";
import { Base64Bytes, toBase64 } from "../shared/base64-bytes.js";
import { commonCommands } from "../shared/common-commands.js";
import { command, type Commands, type Control, serveCommands } from "../shared/serve-commands.js";
import type { FlickrEmulator } from "./emulator.js";

/**
 * `POST /__control` with `{"call": "remote.addSet", "args": ["Holidays", ["53000000001"]]}` answers `{"result": …}`.
 * Bytes travel as `{"base64"}` both ways; `{"call": "commands"}` lists what there is.
 */
export async function openControl(emulator: FlickrEmulator): Promise<Control> {
  return await serveCommands({
    ...commonCommands(emulator),
    ...photoCommands(emulator),
    ...setCommands(emulator),
    ...serviceCommands(emulator),
    ...recordCommands(emulator),
  });
}

const Id = z.string();
const TokenOptions = z
  .object({ nsid: z.string().optional(), perms: z.enum(["read", "write", "delete"]).optional() })
  .default({});
const NewPhoto = z.object({
  title: z.string(),
  content: Base64Bytes,
  tags: z.string().optional(),
  description: z.string().optional(),
  isPublic: z.boolean().optional(),
  postedAt: z.coerce.date().optional(),
  sets: z.array(z.string()).optional(),
});

function photoCommands({ remote }: FlickrEmulator): Commands {
  return {
    "remote.addPhoto": command(z.tuple([NewPhoto]), ([photo]) => remote.addPhoto(photo)),
    // Many at once: a request for each photo would take longer than the run that is measured.
    "remote.addPhotos": command(z.tuple([z.array(NewPhoto)]), async ([photos]) => {
      for (const photo of photos) await remote.addPhoto(photo);
    }),
    "remote.photos": () => remote.photos(),
    "remote.tree": () => remote.tree(),
    "remote.read": command(z.tuple([Id]), async ([id]) => toBase64(await remote.read(id))),
    "remote.removePhoto": command(z.tuple([Id]), ([id]) => remote.removePhoto(id)),
    "remote.renamePhoto": command(z.tuple([Id, z.string()]), ([id, title]) => remote.renamePhoto(id, title)),
    "remote.describePhoto": command(z.tuple([Id, z.string()]), ([id, description]) =>
      remote.describePhoto(id, description),
    ),
    "remote.setTags": command(z.tuple([Id, z.string()]), ([id, tags]) => remote.setTags(id, tags)),
    "remote.replacePhoto": command(z.tuple([Id, Base64Bytes]), ([id, content]) => remote.replacePhoto(id, content)),
    "remote.rotatePhoto": command(z.tuple([Id]), ([id]) => remote.rotatePhoto(id)),
    "remote.touchPhoto": command(z.tuple([Id]), ([id]) => remote.touchPhoto(id)),
    "remote.failPhoto": command(z.tuple([Id]), ([id]) => remote.failPhoto(id)),
  };
}

function setCommands({ remote }: FlickrEmulator): Commands {
  return {
    "remote.sets": () => remote.sets(),
    "remote.addSet": command(z.tuple([z.string(), z.array(Id)]), ([title, photoIds]) => remote.addSet(title, photoIds)),
    "remote.putIntoSet": command(z.tuple([z.string(), Id]), ([title, photoId]) => remote.putIntoSet(title, photoId)),
    "remote.takeOutOfSet": command(z.tuple([Id, Id]), ([setId, photoId]) => remote.takeOutOfSet(setId, photoId)),
    "remote.renameSet": command(z.tuple([Id, z.string()]), ([setId, title]) => remote.renameSet(setId, title)),
    "remote.removeSet": command(z.tuple([Id]), ([setId]) => remote.removeSet(setId)),
  };
}

function serviceCommands(emulator: FlickrEmulator): Commands {
  return {
    freezeListings: command(z.tuple([z.int().min(1)]), ([requests]) => emulator.freezeListings(requests)),
    spendRequests: command(z.tuple([z.int().min(0)]), ([count]) => emulator.spendRequests(count)),
    "tokens.issue": command(z.tuple([TokenOptions]), ([options]) => emulator.tokens.issue(options)),
    "tokens.revokeAll": () => emulator.tokens.revokeAll(),
  };
}

function recordCommands(emulator: FlickrEmulator): Commands {
  return {
    counters: () => ({
      earlyRequests: emulator.earlyRequests,
      requestsPastLimit: emulator.requestsPastLimit,
      requestsInHour: emulator.requestsInHour,
      openTickets: emulator.openTickets,
      imageTraffic: emulator.imageTraffic,
    }),
  };
}
