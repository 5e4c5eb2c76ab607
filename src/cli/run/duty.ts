import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";

const week = 7 * 86_400;

const timeText = (ms: unknown): string | null => (typeof ms === "number" ? localTime(Math.floor(ms / 1000)) : null);
const namesIn = (list: unknown): string[] => (Array.isArray(list) ? list.map((one) => textIn(one, "name")) : []);

/** Who is on duty everywhere, in a line for each schedule. */
export async function showDuty(call: Call): Promise<number> {
  const at = call.time("at");
  const answer = await (await ownApi(call)).get(["duty", "now"], at === undefined ? {} : { at: at * 1000 });
  const schedules = listIn(answer, "schedules");
  const lines = schedules.map((one) => {
    const { scheduleName, people, until, next } = asObject(one);
    return { schedule: scheduleName, onDuty: namesIn(people), until: timeText(until), next: namesIn(next) };
  });
  await call.print(lines, schedules);
  return exitCodes.done;
}

export async function listSchedules(call: Call): Promise<number> {
  const schedules = listIn(await (await ownApi(call)).get(["schedules"]), "schedules");
  const lines = schedules.map((one) => {
    const { id, name, timeZone, layers, people } = asObject(one);
    return { id, name, timeZone, layers: Array.isArray(layers) ? layers.length : 0, people: namesIn(people) };
  });
  await call.print(call.isOn("verbose") ? schedules : lines, schedules);
  return exitCodes.done;
}

export async function listShifts(call: Call): Promise<number> {
  const api = await ownApi(call);
  const id = textIn(await scheduleOf(call, api), "id");
  const from = call.time("from") ?? Math.floor(call.world.clock.now() / 1000);
  const to = call.time("to") ?? from + week;
  const plan = await api.get(["schedules", id, "shifts"], { from: from * 1000, to: to * 1000 });
  const names = new Map(listIn(plan, "people").map((person) => [textIn(person, "id"), textIn(person, "name")]));
  const line = (one: unknown, people: readonly string[]): object => {
    const { from: begins, to: ends } = asObject(one);
    return { from: timeText(begins), to: timeText(ends), onDuty: people };
  };
  const shifts = listIn(plan, "shifts").map((one) => {
    const { people } = asObject(one);
    return {
      at: Number(asObject(one)["from"]),
      line: line(one, Array.isArray(people) ? people.map((person) => names.get(String(person)) ?? String(person)) : []),
    };
  });
  const gaps = listIn(plan, "gaps").map((one) => ({ at: Number(asObject(one)["from"]), line: line(one, []) }));
  const all = [...shifts, ...gaps].sort((a, b) => a.at - b.at).map((one) => one.line);
  await call.print(all, plan);
  return exitCodes.done;
}

export async function overrideDuty(call: Call): Promise<number> {
  const api = await ownApi(call);
  const id = textIn(await scheduleOf(call, api), "id");
  const insteadOf = call.text("instead-of");
  const body = {
    kind: call.text("kind") ?? "replace",
    personId: await personId(call, call.text("person") ?? ""),
    ...(insteadOf === undefined ? {} : { insteadOf: await personId(call, insteadOf) }),
    ...spanOf(call),
    ...reasonOf(call),
  };
  const made = await api.send("POST", ["schedules", id, "overrides"], body);
  call.log("created", `${textIn(made, "id")} ${timeText(made["from"]) ?? ""} - ${timeText(made["to"]) ?? ""}`);
  return exitCodes.done;
}

export async function proposeSwap(call: Call): Promise<number> {
  const api = await ownApi(call);
  const id = textIn(await scheduleOf(call, api), "id");
  const [takeFrom, takeTo] = [call.time("take-from"), call.time("take-to")];
  if ((takeFrom === undefined) !== (takeTo === undefined)) {
    throw usageError("--take-from and --take-to come together.", "--take-from と --take-to は両方指定してください。");
  }
  const body = {
    personId: await personId(call, call.text("person") ?? ""),
    otherId: await personId(call, call.text("with") ?? ""),
    give: spanOf(call),
    ...(takeFrom === undefined || takeTo === undefined ? {} : { take: { from: takeFrom * 1000, to: takeTo * 1000 } }),
    ...reasonOf(call),
  };
  call.log("created", textIn(await api.send("POST", ["schedules", id, "swaps"], body), "id"));
  return exitCodes.done;
}

export async function listSwaps(call: Call): Promise<number> {
  const answer = await (await ownApi(call)).get(["duty", "swaps"]);
  const names = new Map(listIn(answer, "people").map((person) => [textIn(person, "id"), textIn(person, "name")]));
  const swaps = listIn(answer, "swaps");
  const lines = swaps.map((one) => {
    const { id, personId: giver, otherId, give, acceptedBy } = asObject(one);
    const span = asObject(give);
    const named = (who: unknown): string => names.get(String(who)) ?? String(who);
    return {
      id,
      gives: named(giver),
      takes: named(otherId),
      from: timeText(span["from"]),
      to: timeText(span["to"]),
      acceptedBy: Array.isArray(acceptedBy) ? acceptedBy.map(named) : [],
    };
  });
  await call.print(lines, swaps);
  return exitCodes.done;
}

/** The calendar goes to stdout, to be kept in a file. */
export async function exportShifts(call: Call): Promise<number> {
  const api = await ownApi(call);
  const id = textIn(await scheduleOf(call, api), "id");
  call.world.stdout.write(textIn(await api.get(["schedules", id, "ical"]), "text"));
  return exitCodes.done;
}

/** Shifts of a file become a layer: the one of that name, or a new one above the others. */
export async function importShifts(call: Call): Promise<number> {
  const api = await ownApi(call);
  const schedule = await scheduleOf(call, api);
  const path = resolve(call.world.cwd, call.text("file") ?? "");
  const format = extname(path).toLowerCase() === ".ics" ? "ics" : "csv";
  const timeZone = textIn(schedule, "timeZone");
  const read = await api.send("POST", ["duty", "read-shifts"], { format, timeZone, text: await readTextFile(path) });
  const shifts = listIn(read, "shifts");
  for (const one of listIn(read, "unknown")) {
    const { name, shifts: count } = asObject(one);
    call.warn({
      en: `Nobody here is called ${String(name)}: ${String(count)} shifts were left out.`,
      ja: `${String(name)} というメンバーはいません（${String(count)} 件のシフトを除外しました）。`,
    });
  }
  if (shifts.length === 0) throw usageError(`${path} holds no shift of anybody here.`, `${path} に取り込めるシフトがありません。`);
  const name = call.text("layer") ?? basename(path, extname(path));
  const layer = { kind: "table", name, shifts };
  const layers = listIn(schedule, "layers");
  const isThere = layers.some((one) => textIn(one, "name") === name);
  const next = isThere ? layers.map((one) => (textIn(one, "name") === name ? layer : one)) : [...layers, layer];
  const { id, people: _, createdAt: __, ...kept } = schedule;
  await api.send("PUT", ["schedules", String(id)], { ...kept, layers: next });
  call.log("updated", `${textIn(schedule, "name")}: ${String(shifts.length)} shifts in ${name}`);
  return exitCodes.done;
}

/** Spreadsheets in Japan still write Shift_JIS. @throws CliFailure when it cannot be read */
async function readTextFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw usageError(`--file: ${path} cannot be read: ${messageOf(cause)}.`, `--file: ${path} を読めません: ${messageOf(cause)}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("shift_jis").decode(bytes);
  }
}

type Schedule = Readonly<Record<string, unknown>>;

/** By id, or by name. @throws CliFailure */
async function scheduleOf(call: Call, api: OwnApi): Promise<Schedule> {
  const [named = ""] = call.operands;
  const schedules = listIn(await api.get(["schedules"]), "schedules").map(asObject);
  const found = schedules.find((one) => one["id"] === named) ?? schedules.find((one) => one["name"] === named);
  if (!found) throw usageError(`There is no schedule ${named}.`, `当番表 ${named} はありません。`);
  return found;
}

/** The id of a person who was named by id or e-mail address. @throws CliFailure */
async function personId(call: Call, named: string): Promise<string> {
  if (!named.includes("@")) return named;
  const users = listIn(await (await call.api()).get("/api/v0/users"), "users");
  const found = users.find((user) => textIn(user, "email").toLowerCase() === named.toLowerCase());
  if (found === undefined) throw usageError(`Nobody here has the address ${named}.`, `${named} というメンバーはいません。`);
  return textIn(found, "id");
}

/** @throws CliFailure when the end is missing or said twice */
function spanOf(call: Call): { readonly from: number; readonly to: number } {
  const from = call.time("from") ?? Math.floor(call.world.clock.now() / 1000);
  const [to, length] = [call.time("to"), call.duration("for")];
  if ((to === undefined) === (length === undefined)) {
    throw usageError("Say when it ends: --to or --for.", "終了を --to または --for で指定してください。");
  }
  return { from: from * 1000, to: (to ?? from + (length ?? 0)) * 1000 };
}

const reasonOf = (call: Call): object => (call.text("reason") === undefined ? {} : { reason: call.text("reason") });
