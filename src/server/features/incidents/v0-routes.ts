import { invalidInput } from "#base/errors";
import { objectOf, pageOfQuery, parseJson, scopeOf, textOf, type V0 } from "#http";
import { changeAlert } from "./change-alert.ts";
import { changeGroupSetting } from "./change-group-setting.ts";
import { closeAlert } from "./close-alert.ts";
import { createGroupSetting } from "./create-group-setting.ts";
import { deleteGroupSetting } from "./delete-group-setting.ts";
import { allGroupSettings, findGroupSetting, groupSettingOf } from "./group-setting.ts";
import type { IncidentsContext } from "./context.ts";
import { present } from "./read-alerts.ts";
import { demandMackerelAlert, pageOfMackerelAlerts, pageOfMackerelLogs, v0Alert } from "./v0-alerts.ts";

/** Serves Mackerel's interface to alerts and alert group settings. */
export function registerIncidentsV0(v0: V0, incidents: IncidentsContext): void {
  registerAlerts(v0, incidents);
  registerGroupSettings(v0, incidents);
}

function registerAlerts(v0: V0, incidents: IncidentsContext): void {
  const { db } = incidents;
  v0.route({ method: "GET", path: "/alerts", needs: "alert.view" }, async ({ actor, query }) => {
    const page = pageOfQuery(query);
    const { rows, nextId } = await db.tx(scopeOf(actor), (tx) => pageOfMackerelAlerts(tx, query.one("withClosed") === "true", page));
    return { alerts: rows.map(v0Alert), ...present({ nextId }) };
  });
  v0.route({ method: "GET", path: "/alerts/:id", needs: "alert.view" }, async ({ actor, params }) =>
    v0Alert(await db.tx(scopeOf(actor), (tx) => demandMackerelAlert(tx, params["id"] ?? ""))),
  );
  v0.route({ method: "PUT", path: "/alerts/:id", needs: "alert.change" }, async ({ actor, params, body }) => {
    const id = params["id"] ?? "";
    const memo = textIn(objectOf(body), "memo");
    await db.tx(scopeOf(actor), (tx) => demandMackerelAlert(tx, id));
    await changeAlert(incidents, actor, { id, memo });
    return { id, memo };
  });
  v0.route({ method: "POST", path: "/alerts/:id/close", needs: "alert.change" }, async ({ actor, params, body }) => {
    const id = params["id"] ?? "";
    const reason = textIn(objectOf(body, true), "reason");
    await db.tx(scopeOf(actor), (tx) => demandMackerelAlert(tx, id));
    await closeAlert(incidents, actor, { id, reason });
    const alert = await db.tx(scopeOf(actor), (tx) => demandMackerelAlert(tx, id));
    return { reason: "", ...v0Alert(alert) };
  });
  v0.route({ method: "GET", path: "/alerts/:id/logs", needs: "alert.view" }, async ({ actor, params, query }) => {
    const page = pageOfQuery(query);
    return db.tx(scopeOf(actor), (tx) => pageOfMackerelLogs(tx, params["id"] ?? "", page));
  });
}

/** A text, empty when it is left out or null. @throws "invalid-input" */
function textIn(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field] ?? "";
  if (typeof value !== "string") throw invalidInput([{ field, problem: "must be a text" }]);
  return value.replaceAll("\0", "").toWellFormed();
}

function registerGroupSettings(v0: V0, incidents: IncidentsContext): void {
  const { db } = incidents;
  const path = "/alert-group-settings";
  v0.route({ method: "GET", path, needs: "channel.view" }, async ({ actor }) => ({
    alertGroupSettings: await db.tx(scopeOf(actor), allGroupSettings),
  }));
  v0.route({ method: "GET", path: `${path}/:id`, needs: "channel.view" }, async ({ actor, params }) =>
    db.tx(scopeOf(actor), (tx) => findGroupSetting(tx, params["id"] ?? "")),
  );
  v0.route({ method: "POST", path, needs: "channel.change" }, async ({ actor, body }) =>
    createGroupSetting(incidents, actor, groupSettingOf(parseJson(textOf(body)))),
  );
  v0.route({ method: "PUT", path: `${path}/:id`, needs: "channel.change" }, async ({ actor, params, body }) =>
    changeGroupSetting(incidents, actor, params["id"] ?? "", groupSettingOf(parseJson(textOf(body)))),
  );
  v0.route({ method: "DELETE", path: `${path}/:id`, needs: "channel.change" }, async ({ actor, params }) =>
    deleteGroupSetting(incidents, actor, params["id"] ?? ""),
  );
}
