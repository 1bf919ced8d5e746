import { type Account, rootInfo } from "../accounts.js";
import { defineVoidRoute, json, type Route } from "../route.js";

export const userRoutes: readonly Route[] = [
  defineVoidRoute({
    name: "users/get_current_account",
    scope: "account_info.read",
    run: ({ account }) => json(fullAccount(account)),
  }),
  defineVoidRoute({
    name: "users/get_space_usage",
    scope: "account_info.read",
    run: ({ account, world }) => json(spaceUsage(account, world.settings.quotaBytes)),
  }),
];

function fullAccount(account: Account): Readonly<Record<string, unknown>> {
  const [given = "", surname = ""] = account.displayName.split(" ");
  return {
    account_id: account.accountId,
    name: {
      given_name: given,
      surname,
      familiar_name: given,
      display_name: account.displayName,
      abbreviated_name: given.slice(0, 1) + surname.slice(0, 1),
    },
    email: account.email,
    email_verified: true,
    disabled: false,
    country: "NL",
    locale: "en",
    referral_link: "https://example.com/referral",
    is_paired: false,
    account_type: { ".tag": account.team === undefined ? "basic" : "business" },
    root_info: rootInfo(account),
    ...(account.team === undefined ? {} : { team_member_id: "dbmid:EMULATED", team: team(account.team.name) }),
  };
}

function team(name: string): Readonly<Record<string, unknown>> {
  return {
    id: "dbtid:EMULATED",
    name,
    sharing_policies: {},
    office_addin_policy: { ".tag": "disabled" },
    top_level_content_policy: { ".tag": "admin_only" },
  };
}

function spaceUsage({ tree, team: inTeam }: Account, allocated: number): Readonly<Record<string, unknown>> {
  const used = tree.usedBytes;
  if (inTeam === undefined) return { used, allocation: { ".tag": "individual", allocated } };
  return {
    used,
    allocation: {
      ".tag": "team",
      used,
      allocated,
      user_within_team_space_allocated: 0,
      user_within_team_space_limit_type: { ".tag": "off" },
      user_within_team_space_used_cached: used,
    },
  };
}
