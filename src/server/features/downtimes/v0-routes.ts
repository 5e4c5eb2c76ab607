import { parseJson, scopeOf, textOf, type V0 } from "#http";
import { changeDowntime } from "./change-downtime.ts";
import { createDowntime } from "./create-downtime.ts";
import { deleteDowntime } from "./delete-downtime.ts";
import type { Downtimes } from "./downtimes.ts";
import { downtimeOf, mackerelScopes } from "./parse.ts";
import { mackerelDowntimes } from "./read-downtimes.ts";
import { inputOf, type DowntimeRow } from "./rows.ts";

const sight = { isMackerel: true } as const;

/** As it was written: clients compare it with their files. */
const v0Downtime = (row: DowntimeRow): object => ({ id: row.id, ...inputOf(row) });

/** Serves Mackerel's interface to downtimes. Those that name hosts are not seen in it: a client that wrote one back would make it cover everything. */
export function registerDowntimesV0(v0: V0, downtimes: Downtimes): void {
  const inputIn = (body: Buffer) => downtimeOf(parseJson(textOf(body)), mackerelScopes);
  v0.route({ method: "GET", path: "/downtimes", needs: "downtime.view" }, async ({ actor }) => ({
    downtimes: (await downtimes.db.tx(scopeOf(actor), mackerelDowntimes)).map(v0Downtime),
  }));
  v0.route({ method: "POST", path: "/downtimes", needs: "downtime.change" }, async ({ actor, body }) =>
    v0Downtime(await createDowntime(downtimes, actor, inputIn(body))),
  );
  v0.route({ method: "PUT", path: "/downtimes/:id", needs: "downtime.change" }, async ({ actor, params, body }) =>
    v0Downtime(await changeDowntime(downtimes, actor, params["id"] ?? "", inputIn(body), sight)),
  );
  v0.route({ method: "DELETE", path: "/downtimes/:id", needs: "downtime.change" }, async ({ actor, params }) =>
    v0Downtime(await deleteDowntime(downtimes, actor, params["id"] ?? "", sight)),
  );
}
