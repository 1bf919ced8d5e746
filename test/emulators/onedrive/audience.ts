import { CONSUMERS_TENANT } from "./accounts.js";
import type { Exchange } from "./exchange.js";
import { SignInRefusal } from "./failures.js";
import { isPersonal } from "./kinds.js";

/** Throws when a tenant is the wrong door for the application, or for the account that signs in. */
export function assertAudience({ world }: Exchange, tenant: string, userId: string): void {
  const { audience } = world.settings;
  const isConsumers = tenant === "consumers" || tenant === CONSUMERS_TENANT;
  const isCommon = tenant === "common" || tenant === "organizations";
  if (audience === "consumers" && !isConsumers)
    throw wrong(9002331, "Application is for Microsoft Account users only. Use /consumers.");
  if (audience === "organizations" && isConsumers)
    throw wrong(9002332, "Application is for Entra accounts only. Do not use /consumers.");
  if (audience === "single-tenant" && isCommon)
    throw wrong(50194, "Application is not configured as a multi-tenant application.");
  const hasPersonal = isPersonal(world.accounts.byUserId(userId)?.kind ?? "business");
  const isOpen = tenant === "common" || (hasPersonal ? isConsumers : !isConsumers);
  if (!isOpen)
    throw new SignInRefusal(400, "invalid_grant", {
      aadsts: 50034,
      message: "The account does not exist in this directory.",
    });
}

function wrong(aadsts: number, message: string): SignInRefusal {
  return new SignInRefusal(400, "invalid_request", { aadsts, message });
}
