import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi } from "../own-api.ts";
import { exitCodes } from "../text.ts";
import { localTime } from "../units.ts";

type Fields = Readonly<Record<string, unknown>>;

const scopeKeys = [
  "serviceScopes",
  "roleScopes",
  "hostScopes",
  "monitorScopes",
  "serviceExcludeScopes",
  "roleExcludeScopes",
  "monitorExcludeScopes",
] as const;

const timeOf = (value: unknown): string | null => (typeof value === "number" ? localTime(Math.floor(value / 1000)) : null);

/** A downtime in a line: whether it holds, when it does next, and what it covers. */
function shortDowntime(downtime: unknown): object {
  const fields = asObject(downtime);
  const { id, name, state, window, recurrence } = fields;
  const { from, to } = asObject(window ?? {});
  const names = asObject(fields["names"] ?? {});
  const scopes = scopeKeys.flatMap((key) => {
    const list = fields[key];
    return Array.isArray(list) && list.length > 0 ? [[key, list.map((one) => names[String(one)] ?? one)]] : [];
  });
  return { id, name, state, from: timeOf(from), to: timeOf(to), repeats: repeatOf(recurrence), covers: Object.fromEntries(scopes) };
}

function repeatOf(recurrence: unknown): string | null {
  if (recurrence === undefined) return null;
  const { type, interval, weekdays } = asObject(recurrence);
  const days = Array.isArray(weekdays) && weekdays.length > 0 ? ` ${weekdays.join(",")}` : "";
  return `${String(type)}${interval === 1 ? "" : `/${String(interval)}`}${days}`;
}

export async function listDowntimes(call: Call): Promise<number> {
  const answer = await (
    await ownApi(call)
  ).get(["downtimes"], {
    state: call.text("state"),
    text: call.text("text"),
    host: call.text("host"),
    service: call.text("service"),
    limit: call.integer("limit"),
  });
  const downtimes = listIn(answer, "downtimes");
  await call.print(call.isOn("verbose") ? downtimes : downtimes.map(shortDowntime), downtimes);
  return exitCodes.done;
}

/** What the flags say of scopes; a kind that is not given is left out. */
function scopesOf(call: Call): Fields {
  const flags = {
    serviceScopes: "service",
    roleScopes: "role",
    hostScopes: "host",
    monitorScopes: "monitor",
    serviceExcludeScopes: "except-service",
    roleExcludeScopes: "except-role",
    monitorExcludeScopes: "except-monitor",
  } as const;
  return Object.fromEntries(
    Object.entries(flags).flatMap(([key, flag]) => (call.list(flag).length === 0 ? [] : [[key, [...call.list(flag)]]])),
  );
}

const minutesOf = (call: Call): number => Math.max(1, Math.ceil((call.duration("for") ?? 0) / 60));

const given = (call: Call, flag: "name" | "memo"): Fields => (call.text(flag) === undefined ? {} : { [flag]: call.text(flag) });

export async function startDowntime(call: Call): Promise<number> {
  const body = { minutes: minutesOf(call), ...given(call, "name"), ...given(call, "memo"), ...scopesOf(call) };
  return made(call, await (await ownApi(call)).send("POST", ["downtimes", "now"], body));
}

export async function addDowntime(call: Call): Promise<number> {
  const body = { ...given(call, "name"), ...given(call, "memo"), ...timesOf(call), ...scopesOf(call) };
  return made(call, await (await ownApi(call)).send("POST", ["downtimes"], body));
}

async function made(call: Call, downtime: Fields): Promise<number> {
  call.log("created", `${textIn(downtime, "id")} ${textIn(downtime, "name")}`);
  await call.print(shortDowntime(downtime), downtime);
  return exitCodes.done;
}

function timesOf(call: Call): Fields {
  const repeat = call.text("repeat");
  const until = call.time("until");
  const days = call.list("weekday");
  const recurrence = {
    type: repeat,
    interval: call.integer("interval") ?? 1,
    ...(days.length === 0 ? {} : { weekdays: [...days] }),
    ...(until === undefined ? {} : { until }),
  };
  return { start: call.time("start"), duration: minutesOf(call), ...(repeat === undefined ? {} : { recurrence }) };
}

export async function previewDowntime(call: Call): Promise<number> {
  const answer = await (await ownApi(call)).send("POST", ["downtimes", "preview"], timesOf(call));
  const windows = listIn(answer, "windows").map((window) => {
    const { from, to } = asObject(window);
    return { from: timeOf(from), to: timeOf(to) };
  });
  await call.print(windows, answer);
  return exitCodes.done;
}

export async function endDowntime(call: Call): Promise<number> {
  const after = await (await ownApi(call)).send("POST", ["downtimes", call.operands[0] ?? "", "end"]);
  call.log("updated", `${textIn(after, "id")} ${textIn(after, "name")}`);
  return exitCodes.done;
}

export async function deleteDowntime(call: Call): Promise<number> {
  const id = call.operands[0] ?? "";
  await (await ownApi(call)).send("DELETE", ["downtimes", id]);
  call.log("deleted", id);
  return exitCodes.done;
}
