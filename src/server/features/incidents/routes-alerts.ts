import { parseRoleName } from "#features/inventory";
import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/alerts";
import { changeAlert } from "./change-alert.ts";
import { changeGrouping } from "./change-grouping.ts";
import { closeAlert } from "./close-alert.ts";
import type { IncidentsContext } from "./context.ts";
import { countOpen, demandAlert, pageOfAlerts, present, presentAlert, readAlert } from "./read-alerts.ts";
import { pageOfDependencies } from "./read-dependencies.ts";
import { countLogs, logsOf } from "./read-logs.ts";
import { setDependencies } from "./set-dependencies.ts";
import { readGrouping } from "./settings.ts";

const defaultLimit = 50;

/** Serves the own interface of alerts, of how they are grouped, and of which host depends on which. */
export function registerAlerts(served: Served, incidents: IncidentsContext): void {
  registerReading(served, incidents);
  const { db } = incidents;
  serve(served, wire.closeAlert, async ({ actor, params, body }) => {
    await closeAlert(incidents, actor, { id: params.id, reason: body.reason });
    return db.tx(scopeOf(actor), async (tx) => presentAlert(await readAlert(tx, params.id)));
  });
  serve(served, wire.changeAlert, async ({ actor, params, body }) => {
    await changeAlert(incidents, actor, { id: params.id, memo: body.memo });
    return db.tx(scopeOf(actor), async (tx) => presentAlert(await readAlert(tx, params.id)));
  });
  serve(served, wire.getGrouping, ({ actor }) => db.tx(scopeOf(actor), readGrouping));
  serve(served, wire.changeGrouping, ({ actor, body }) => changeGrouping(incidents, actor, body));
  serve(served, wire.listDependencies, ({ actor, query }) =>
    db.tx(scopeOf(actor), (tx) =>
      pageOfDependencies(tx, { hostId: query.host, offset: query.offset ?? 0, limit: query.limit ?? defaultLimit }),
    ),
  );
  serve(served, wire.setDependencies, async ({ actor, params, body }) => ({
    dependencies: await setDependencies(incidents, actor, { hostId: params.id, dependsOn: body.dependsOn }),
  }));
}

function registerReading(served: Served, { db }: IncidentsContext): void {
  serve(served, wire.listAlerts, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const filter = {
        state: query.state ?? "open",
        status: query.status ?? [],
        hostId: query.host,
        service: query.service,
        role: query.role === undefined ? undefined : parseRoleName(query.role),
        incidentId: query.incident,
        originId: query.origin,
        from: query.from,
        to: query.to,
        text: query.text,
      };
      const page = await pageOfAlerts(tx, filter, { offset: query.offset ?? 0, limit: query.limit ?? defaultLimit });
      return { ...page, open: await countOpen(tx) };
    }),
  );
  serve(served, wire.getAlert, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const row = await readAlert(tx, params.id);
      return { ...presentAlert(row), detail: JSON.parse(row.detail) as Record<string, unknown> }; // written by this feature alone
    }),
  );
  serve(served, wire.getAlertLogs, ({ actor, params, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      await demandAlert(tx, params.id);
      const rows = await logsOf(tx, params.id, { offset: query.offset ?? 0, limit: query.limit ?? defaultLimit });
      const logs = rows.map(({ id, status, trigger, value, message, created_at: at }) => ({
        id,
        status,
        trigger,
        message,
        at,
        ...present({ value }),
      }));
      return { logs, total: await countLogs(tx, params.id) };
    }),
  );
}
