import { asObject, listIn, textIn, v0 } from "../api.ts";
import type { Call } from "../call.ts";
import { exitCodes } from "../text.ts";

const pageSize = 100;

/** Alerts newest first, page by page until the limit. */
async function alertsOf(call: Call): Promise<unknown[]> {
  const api = await call.api();
  const limit = call.integer("limit") ?? pageSize;
  const withClosed = call.isOn("with-closed") ? "true" : undefined;
  const alerts: unknown[] = [];
  let nextId: string | undefined;
  do {
    const page = asObject(await api.get("/api/v0/alerts", { withClosed, nextId, limit: Math.min(pageSize, limit - alerts.length) }));
    alerts.push(...listIn(page, "alerts"));
    nextId = textIn(page, "nextId") || undefined;
  } while (nextId !== undefined && alerts.length < limit);
  return alerts;
}

export async function retrieveAlerts(call: Call): Promise<number> {
  await call.print(await alertsOf(call));
  return exitCodes.done;
}

type Thing = Readonly<Record<string, unknown>>;
const byId = (things: readonly unknown[]): ReadonlyMap<string, Thing> => new Map(things.map((one) => [textIn(one, "id"), asObject(one)]));

/** One line an alert, with its monitor and host, as people read it. */
export async function listAlerts(call: Call): Promise<number> {
  const api = await call.api();
  const alerts = await alertsOf(call);
  const status = ["working", "standby", "poweroff", "maintenance"];
  const hosts = byId(listIn(await api.get("/api/v0/hosts", { status }), "hosts"));
  const monitors = byId(listIn(await api.get("/api/v0/monitors"), "monitors"));
  const services = call.list("service");
  const statuses = call.list("host-status");
  for (const alert of alerts.map(asObject)) {
    const host = hosts.get(textIn(alert, "hostId"));
    const monitor = monitors.get(textIn(alert, "monitorId"));
    const rolesByService = asObject(host?.["roles"]);
    const isOfService = services.some((one) => one in rolesByService || monitor?.["service"] === one);
    if (services.length > 0 && !isOfService) continue;
    if (statuses.length > 0 && (host === undefined || !statuses.includes(textIn(host, "status")))) continue;
    call.world.stdout.write(`${clean(lineOf(call, { alert, host, monitor }))}\n`);
  }
  return exitCodes.done;
}

interface Joined {
  readonly alert: Thing;
  readonly host: Thing | undefined;
  readonly monitor: Thing | undefined;
}

function lineOf(call: Call, { alert, host, monitor }: Joined): string {
  const openedAt = typeof alert["openedAt"] === "number" ? timeOf(alert["openedAt"]) : "-";
  const what = [monitor === undefined ? textIn(alert, "type") : textIn(monitor, "name"), foundOf(alert, monitor)].filter(
    (part) => part !== "",
  );
  return [textIn(alert, "id"), openedAt, coloured(call, textIn(alert, "status")), what.join(" "), ...(host ? [hostOf(host)] : [])].join(
    " ",
  );
}

/** What was measured against which threshold; for others what the monitor said. */
function foundOf(alert: Thing, monitor: Thing | undefined): string {
  const value = alert["value"];
  const metric = monitor === undefined ? "" : textIn(monitor, "metric");
  const limit = monitor?.[alert["status"] === "CRITICAL" ? "critical" : "warning"];
  if (typeof value !== "number") return textIn(alert, "message").replaceAll(/\s+/gu, " ").trim();
  const compared = typeof limit === "number" ? ` ${textIn(monitor ?? {}, "operator")} ${limit.toFixed(2)}` : "";
  const target = [textIn(monitor ?? {}, "service"), metric, textIn(monitor ?? {}, "url")].filter((part) => part !== "");
  return [...target, `${value.toFixed(2)}${compared}`].join(" ");
}

function hostOf(host: Thing): string {
  const roles = Object.entries(asObject(host["roles"])).map(
    ([service, names]) => `${service}: ${Array.isArray(names) ? names.join(",") : ""}`,
  );
  return `${textIn(host, "name")} ${textIn(host, "status")} [${roles.join(", ")}]`;
}

const colours: Readonly<Record<string, string>> = { CRITICAL: "31", WARNING: "33", UNKNOWN: "90", OK: "32" };

function coloured(call: Call, status: string): string {
  const { stdout, environment } = call.world;
  const wanted = call.isOn("color") || (stdout.isTTY === true && environment.mayColour);
  return wanted && colours[status] !== undefined ? `\u001B[${colours[status]}m${status}\u001B[0m` : status;
}

/** Control characters in what somebody else wrote must not move the cursor; our own colours stay. */
const clean = (line: string): string =>
  line.replaceAll(/[\u0000-\u001A\u001C-\u001F\u007F-\u009F]+/gu, " ").replaceAll(/\u001B(?!\[(?:3[123]|90|0)m)/gu, " ");

const two = (n: number): string => String(n).padStart(2, "0");

function timeOf(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export async function closeAlerts(call: Call): Promise<number> {
  const api = await call.api();
  for (const id of call.operands) {
    const alert = await api.call("POST", v0`alerts/${id}/close`, { reason: call.text("reason") ?? "" });
    call.log("updated", id);
    if (call.isOn("verbose")) await call.print(alert);
  }
  return exitCodes.done;
}

export async function listAlertLogs(call: Call): Promise<number> {
  const api = await call.api();
  const [id = ""] = call.operands;
  const limit = call.integer("limit") ?? pageSize;
  const logs: unknown[] = [];
  let nextId: string | undefined;
  do {
    const page = asObject(await api.get(v0`alerts/${id}/logs`, { nextId, limit: Math.min(pageSize, limit - logs.length) }));
    logs.push(...listIn(page, "logs"));
    nextId = textIn(page, "nextId") || undefined;
  } while (nextId !== undefined && logs.length < limit);
  await call.print(logs);
  return exitCodes.done;
}
