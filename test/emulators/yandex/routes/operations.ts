import { ApiError } from "../failures.js";
import { operationLink, type Route } from "../route.js";

/** The state of one operation, by its id in the path or in the query; without an id all of them. */
export const operations: Route = {
  name: "GET operations",
  scope: undefined,
  params: ["id"],
  run: (call) => {
    const { account, query, url, world } = call;
    const id = /\/operations\/([^/]+)$/.exec(url.pathname)?.[1] ?? query.get("id");
    if (id === undefined) {
      const items = world.operations.all(account.uid).map((one) => operationLink(call, one.id));
      return { status: 200, value: { items } };
    }
    const status = world.operations.poll(account.uid, id);
    if (status === undefined) throw new ApiError(404, "DiskOperationNotFoundError", "Operation not found.");
    return { status: 200, value: { status } };
  },
};
