import type { Account } from "../accounts.js";
import type { Drive } from "../drive.js";
import type { Exchange } from "../exchange.js";
import { driveTypeOf, isPersonal } from "../kinds.js";
import { graphUrl } from "../links.js";
import { spelledDriveId, timestamp } from "../view.js";

export function driveJson({
  exchange,
  drive,
  account,
}: {
  readonly exchange: Exchange;
  readonly drive: Drive;
  readonly account: Account;
}): Record<string, unknown> {
  const { userId, displayName, userPrincipalName } = account;
  const owner = account.site === undefined ? { user: { id: userId, displayName, email: userPrincipalName } } : {};
  return {
    "@odata.context": `${graphUrl(exchange)}/v1.0/$metadata#drives/$entity`,
    id: spelledDriveId(exchange.world, drive),
    driveType: driveTypeOf(drive.kind),
    name: account.site === undefined ? "OneDrive" : "Documents",
    description: "",
    createdDateTime: timestamp(drive, drive.root.createdMs),
    lastModifiedDateTime: timestamp(drive, drive.root.modifiedMs),
    webUrl: isPersonal(drive.kind) ? `https://onedrive.live.com?cid=${drive.id}` : "https://contoso-my.sharepoint.com",
    owner,
    ...quota(exchange, drive),
  };
}

function quota({ world }: Exchange, drive: Drive): Record<string, unknown> {
  const { quotaBytes: total, quotaShown } = world.settings;
  if (quotaShown === "missing") return {};
  if (quotaShown === "zero") return { quota: { total: 0, used: 0, remaining: 0, deleted: 0, state: "normal" } };
  const used = drive.usedBytes;
  const share = used / total;
  const state = share >= 1 ? "exceeded" : share >= 0.99 ? "critical" : share >= 0.9 ? "nearing" : "normal";
  return { quota: { total, used, remaining: Math.max(0, total - used), deleted: 0, state } };
}
