import { invalidInput } from "#base/errors";
import { optional } from "#base/fields";
import { addTime, days, toSeconds, unixMs } from "#base/duration";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/downtimes";
import { changeDowntime } from "./change-downtime.ts";
import { organisationClock, ruleOf } from "./compiled.ts";
import { createDowntime } from "./create-downtime.ts";
import { deleteDowntime } from "./delete-downtime.ts";
import type { Downtimes } from "./downtimes.ts";
import { endDowntime } from "./end-downtime.ts";
import { downtimeOf, timesOf } from "./parse.ts";
import { pageOfDowntimes, previewOf, readDowntime } from "./read-downtimes.ts";

const usualPage = 50;
const longestRange = days(400);

/** Serves the own interface of downtimes. Bodies pass the same reader as Mackerel's, which knows more than a schema can say. */
export function registerDowntimes(served: Served, downtimes: Downtimes): void {
  const { db, clock } = downtimes;
  const read = (actor: Parameters<typeof scopeOf>[0], id: string) =>
    db.tx(scopeOf(actor), (tx) => readDowntime(downtimes, tx, clock.now(), id));
  serve(served, wire.listDowntimes, ({ actor, query }) =>
    db.tx(scopeOf(actor), (tx) =>
      pageOfDowntimes(downtimes, tx, clock.now(), { ...query, offset: query.offset ?? 0, limit: query.limit ?? usualPage }),
    ),
  );
  serve(served, wire.getDowntime, ({ actor, params }) => read(actor, params.id));
  serve(served, wire.createDowntime, async ({ actor, body }) => read(actor, (await createDowntime(downtimes, actor, downtimeOf(body))).id));
  serve(served, wire.startDowntime, async ({ actor, body }) => {
    const { minutes, name, ...scopes } = body;
    const input = downtimeOf({ ...scopes, name: name ?? `${minutes} min`, start: toSeconds(clock.now()), duration: minutes });
    return read(actor, (await createDowntime(downtimes, actor, input)).id);
  });
  serve(served, wire.changeDowntime, async ({ actor, params, body }) =>
    read(actor, (await changeDowntime(downtimes, actor, params.id, downtimeOf(body))).id),
  );
  serve(served, wire.endDowntime, async ({ actor, params }) => read(actor, (await endDowntime(downtimes, actor, params.id)).id));
  serve(served, wire.deleteDowntime, async ({ actor, params }) => {
    await deleteDowntime(downtimes, actor, params.id);
    return { success: true as const };
  });
  registerTimes(served, downtimes);
}

/** When downtimes hold. */
function registerTimes(served: Served, downtimes: Downtimes): void {
  const { db, clock } = downtimes;
  serve(served, wire.previewDowntime, async ({ actor, body }) => {
    const times = timesOf(body);
    const wall = await db.tx(scopeOf(actor), organisationClock);
    const rule = ruleOf({ ...times, ...optional("recurrence", times.recurrence) });
    return { windows: previewOf(rule, wall, clock.now()), timeZone: wall.zone };
  });
  serve(served, wire.listDowntimeWindows, async ({ actor, query }) => {
    const from = unixMs(query.from);
    const to = unixMs(query.to);
    if (to <= from || to > addTime(from, longestRange))
      throw invalidInput([{ field: "to", problem: "must be 1 ms to 400 days after from" }]);
    return { windows: await db.tx(scopeOf(actor), (tx) => downtimes.occurrences(tx, { from, to })) };
  });
}
