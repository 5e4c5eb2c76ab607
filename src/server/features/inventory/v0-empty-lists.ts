import { HinobanError } from "#base/errors";
import { pageOfQuery, type V0 } from "#http";

/** Lists that Mackerel's clients ask for and whose things this server does not hold: they are empty, in the right shape. */
const lists = {
  "/channels": "channels",
  "/alert-group-settings": "alertGroupSettings",
  "/aws-integrations": "aws_integrations",
} as const;

/** Single things of such lists: none of them exists. Only GETs that Mackerel has. */
const things = {
  "/alerts/:id": "alert",
  "/alerts/:id/logs": "alert",
  "/alert-group-settings/:id": "alert group setting",
} as const;

/** Serves lists of what is always empty here, so that `mkr` and others which ask for everything do not stop at them. */
export function registerEmptyLists(v0: V0): void {
  for (const [path, key] of Object.entries(lists)) {
    v0.route({ method: "GET", path, needs: "inventory.view" }, async () => ({ [key]: [] }));
  }
  v0.route({ method: "GET", path: "/alerts", needs: "inventory.view" }, async ({ query }) => {
    pageOfQuery(query);
    return { alerts: [] };
  });
  for (const [path, noun] of Object.entries(things)) {
    v0.route({ method: "GET", path, needs: "inventory.view" }, async ({ params }) => {
      throw new HinobanError("not-found", `There is no ${noun} ${params["id"] ?? ""}.`, { id: params["id"] });
    });
  }
}
