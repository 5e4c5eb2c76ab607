import type { V0 } from "#http";

/** Lists that Mackerel's clients ask for and whose things this server does not hold: they are empty, in the right shape. */
const lists = {
  "/aws-integrations": "aws_integrations",
} as const;

/** Serves lists of what is always empty here, so that `mkr` and others which ask for everything do not stop at them. */
export function registerEmptyLists(v0: V0): void {
  for (const [path, key] of Object.entries(lists)) {
    v0.route({ method: "GET", path, needs: "inventory.view" }, async () => ({ [key]: [] }));
  }
}
