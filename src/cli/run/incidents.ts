import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";

/** An incident in a line: who has it, and since when it is open. */
export function shortIncident(incident: unknown): object {
  const { number, id, severity, state, title, responder, openedAt, openAlerts, hosts, services } = asObject(incident);
  const named = (list: unknown): string[] => (Array.isArray(list) ? list.map((one) => textIn(one, "name")) : []);
  return {
    number,
    id,
    severity,
    state,
    responder: responder === undefined ? null : textIn(responder, "name"),
    title,
    openedAt: typeof openedAt === "number" ? localTime(Math.floor(openedAt / 1000)) : null,
    openAlerts,
    hosts: named(hosts),
    services: named(services),
  };
}

/** The list that the flags ask for; without any, those that are not over. */
export async function incidentsOf(call: Call, api: OwnApi): Promise<readonly unknown[]> {
  const states = call.list("state");
  const answer = await api.get(["incidents"], {
    state: states.length > 0 ? states : call.isOn("all") ? undefined : ["open", "taken"],
    severity: call.list("severity"),
    service: call.text("service"),
    text: call.text("text"),
    limit: call.integer("limit"),
  });
  return listIn(answer, "incidents");
}

export async function listIncidents(call: Call): Promise<number> {
  const incidents = await incidentsOf(call, await ownApi(call));
  await call.print(call.isOn("verbose") ? incidents : incidents.map(shortIncident), incidents);
  return exitCodes.done;
}

export async function showIncident(call: Call): Promise<number> {
  const api = await ownApi(call);
  const incident = await api.get(["incidents", referenceOf(call)]);
  const timeline = listIn(await api.get(["incidents", textIn(incident, "id"), "timeline"], { limit: call.integer("limit") }), "entries");
  await call.print({ ...incident, timeline });
  return exitCodes.done;
}

/** Number or id, as it was typed: `12`, `#12`, `9rxGOHfVF8F`. */
const referenceOf = (call: Call): string => (call.operands[0] ?? "").replace(/^#/u, "");

/** The id of a person who was named by id or e-mail address. @throws CliFailure */
export async function personId(call: Call, named: string): Promise<string> {
  if (!named.includes("@")) return named;
  const users = listIn(await (await call.api()).get("/api/v0/users"), "users");
  const found = users.find((user) => textIn(user, "email").toLowerCase() === named.toLowerCase());
  if (found === undefined) throw usageError(`Nobody here has the address ${named}.`, `${named} というメンバーはいません。`);
  return textIn(found, "id");
}

/** Does one act and prints how the incident stands then. */
async function act(call: Call, path: string, bodyOf: () => Promise<object> = async () => ({})): Promise<number> {
  const api = await ownApi(call);
  const body = { ...(await bodyOf()), via: "api" };
  const id = textIn(await api.get(["incidents", referenceOf(call)]), "id");
  const after = await api.send("POST", ["incidents", id, path], body);
  const { number, state, responder } = after;
  call.log("updated", `#${String(number)} ${String(state)}${responder === undefined ? "" : ` ${textIn(responder, "name")}`}`);
  if (call.has("format") || call.isOn("table")) await call.print(shortIncident(after), after);
  return exitCodes.done;
}

const noteOf = (call: Call): object => (call.text("note") === undefined ? {} : { note: call.text("note") });

async function personOf(call: Call): Promise<object> {
  const person = call.text("person");
  return person === undefined ? {} : { person: await personId(call, person) };
}

export const takeIncident = (call: Call): Promise<number> => act(call, "take", () => personOf(call));

export const passIncident = (call: Call): Promise<number> =>
  act(call, "pass", async () => ({ to: await personId(call, call.text("to") ?? ""), ...noteOf(call) }));

export const declineIncident = (call: Call): Promise<number> =>
  act(call, "decline", async () => ({ ...(await personOf(call)), ...noteOf(call) }));

export const releaseIncident = (call: Call): Promise<number> => act(call, "release", async () => noteOf(call));

export const resolveIncident = (call: Call): Promise<number> => act(call, "resolve", async () => noteOf(call));

export const snoozeIncident = (call: Call): Promise<number> =>
  act(call, "snooze", async () => {
    const length = call.duration("for");
    const until = call.time("until");
    if ((length === undefined) === (until === undefined))
      throw usageError("Say --for how long or --until when.", "--for で期間を、または --until で時刻を指定してください。");
    return { until: until === undefined ? call.world.clock.now() + (length ?? 0) * 1000 : until * 1000, ...noteOf(call) };
  });

export const commentIncident = (call: Call): Promise<number> =>
  act(call, "comments", async () => ({ text: call.operands.slice(1).join(" ") }));
