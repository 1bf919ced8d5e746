import { describe, expect, test } from "vitest";
import { UsageError } from "../../../lib/model/errors.js";
import { readAddresses, resourceOf } from "../../../providers/onedrive/config.js";

const settingsOf = (values: Readonly<Record<string, string>>) => ({
  get: (name: string) => Promise.resolve(values[name]),
});

describe("a cloud of its own", () => {
  /** The rows of docs/onedrive.md; the global cloud needs no variables. */
  test.each([
    {
      cloud: "global",
      settings: {},
      api: "https://graph.microsoft.com",
      auth: "https://login.microsoftonline.com",
    },
    {
      cloud: "US Government L4",
      settings: {
        ONEDRIVE_API_URL: "https://graph.microsoft.us",
        ONEDRIVE_AUTH_URL: "https://login.microsoftonline.us",
      },
      api: "https://graph.microsoft.us",
      auth: "https://login.microsoftonline.us",
    },
    {
      cloud: "US Government L5",
      settings: {
        ONEDRIVE_API_URL: "https://dod-graph.microsoft.us/",
        ONEDRIVE_AUTH_URL: "https://login.microsoftonline.us/",
      },
      api: "https://dod-graph.microsoft.us",
      auth: "https://login.microsoftonline.us",
    },
    {
      cloud: "China (21Vianet)",
      settings: {
        ONEDRIVE_API_URL: "https://microsoftgraph.chinacloudapi.cn",
        ONEDRIVE_AUTH_URL: "https://login.chinacloudapi.cn",
      },
      api: "https://microsoftgraph.chinacloudapi.cn",
      auth: "https://login.chinacloudapi.cn",
    },
  ])("$cloud: its service, its sign-in, and permissions for its own Graph", async ({ settings, api, auth }) => {
    const addresses = await readAddresses(settingsOf(settings));
    expect(addresses).toEqual({ api, auth });
    expect(resourceOf(addresses)).toBe(api);
  });

  test("whose address has a path asks for permissions without it", () => {
    expect(resourceOf({ api: "https://graph.microsoft.us/proxy", auth: "https://login.microsoftonline.us" })).toBe(
      "https://graph.microsoft.us",
    );
  });

  test("an address on this machine stands in for the global cloud", () => {
    expect(resourceOf({ api: "http://127.0.0.1:8080", auth: "http://127.0.0.1:8081" })).toBe(
      "https://graph.microsoft.com",
    );
  });

  test.each(["ONEDRIVE_API_URL", "ONEDRIVE_AUTH_URL"])("%s takes no address that would leak secrets", async (name) => {
    const work = readAddresses(settingsOf({ [name]: "http://graph.microsoft.us" }));
    await expect(work).rejects.toThrow(UsageError);
    await expect(work).rejects.toThrow(name);
  });
});
