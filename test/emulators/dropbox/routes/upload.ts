import { UploadArg } from "../args.js";
import { commitFile } from "../commit.js";
import { wholeOf } from "../content.js";
import { RouteError, WriteFailure } from "../failures.js";
import { fileMetadata } from "../metadata.js";
import { defineRoute, json, receivedBody, refuseOnDemand, type Route } from "../route.js";

export const uploadRoutes: readonly Route[] = [
  defineRoute({
    name: "files/upload",
    host: "content",
    style: "upload",
    scope: "files.content.write",
    commits: true,
    argument: UploadArg,
    run: (argument, call) => {
      const content = wholeOf(receivedBody(call, argument.content_hash));
      try {
        refuseOnDemand(call);
        return json(fileMetadata(call.view, commitFile(call.view, argument, content)));
      } catch (error) {
        if (!(error instanceof WriteFailure)) throw error;
        // The bytes are kept, so that the commit can be repeated without sending them again.
        const session = call.world.sessions.keep(call.account.accountId, content);
        throw new RouteError({ ".tag": "path", reason: error.error, upload_session_id: session.id });
      }
    },
  }),
];
