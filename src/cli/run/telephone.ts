import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { CliFailure, exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";
import { personId } from "./incidents.ts";

type Row = Readonly<Record<string, unknown>>;

const linesOf = async (api: OwnApi): Promise<Row[]> => listIn(await api.get(["lines"]), "lines").map(asObject);

const shortLine = ({ id, name, kind, state, problem, busy, capacity, usage, currency }: Row): object => {
  const { calls, minutes, cost, limit } = asObject(usage);
  return { id, name, kind, state, problem, busy, capacity, calls, minutes, cost, currency, limit };
};

export async function listLines(call: Call): Promise<number> {
  const lines = await linesOf(await ownApi(call));
  await call.print(lines.map(shortLine), lines);
  return exitCodes.done;
}

export async function showLine(call: Call): Promise<number> {
  const api = await ownApi(call);
  await call.print(await api.get(["lines", await lineId(api, call.operands[0] ?? "")]));
  return exitCodes.done;
}

/** For scripts that watch the watcher: fails when somebody could not be called now. */
export async function checkLines(call: Call): Promise<number> {
  const on = (await linesOf(await ownApi(call))).filter(({ isOn }) => isOn === true);
  await call.print(on.map(shortLine), on);
  return on.length > 0 && on.every(({ state }) => state === "ready") ? exitCodes.done : exitCodes.failed;
}

/** @throws CliFailure when there is none, or several of that name */
async function lineId(api: OwnApi, idOrName: string): Promise<string> {
  const lines = await linesOf(api);
  const byId = lines.find(({ id }) => id === idOrName);
  const byName = lines.filter(({ name }) => name === idOrName);
  const found = byId ?? (byName.length === 1 ? byName[0] : undefined);
  if (found) return textIn(found, "id");
  throw byName.length > 1
    ? usageError(
        `${byName.length} lines are called ${idOrName}; give an id.`,
        `「${idOrName}」という名前の回線が ${byName.length} 件あります。ID で指定してください。`,
      )
    : new CliFailure({ en: `There is no line ${idOrName}.`, ja: `回線 ${idOrName} はありません。` }, exitCodes.failed, "not-found");
}

export async function listCalls(call: Call): Promise<number> {
  const api = await ownApi(call);
  const [person, line] = [call.text("person"), call.text("line")];
  const answer = await api.get(["calls"], {
    state: call.text("state"),
    kind: call.text("kind"),
    incident: call.text("incident"),
    limit: call.integer("limit"),
    ...(person === undefined ? {} : { person: await personId(call, person) }),
    ...(line === undefined ? {} : { line: await lineId(api, line) }),
  });
  const calls = listIn(answer, "calls").map(asObject);
  await call.print(calls.map(shortCall), calls);
  return exitCodes.done;
}

const shortCall = ({ id, kind, state, personName, number, lineName, result, cause, askedAt, seconds, problem }: Row): object => ({
  id,
  asked: typeof askedAt === "number" ? localTime(Math.floor(askedAt / 1000)) : null,
  kind,
  person: personName,
  number,
  line: lineName,
  state,
  outcome: result ?? cause,
  seconds,
  problem,
});

export async function showCall(call: Call): Promise<number> {
  const answer = await (await ownApi(call)).get(["calls", call.operands[0] ?? ""]);
  await call.print({ ...asObject(answer["call"]), events: listIn(answer, "events") });
  return exitCodes.done;
}

export async function hangUp(call: Call): Promise<number> {
  const [id = ""] = call.operands;
  await (await ownApi(call)).send("POST", ["calls", id, "end"]);
  call.log("updated", id);
  return exitCodes.done;
}

/** The id of the call goes to stdout: `hinoban calls show` tells how it went. */
export async function callMe(call: Call): Promise<number> {
  const api = await ownApi(call);
  const line = call.text("line");
  const body = {
    personId: await personId(call, call.text("person") ?? ""),
    ...(line === undefined ? {} : { lineId: await lineId(api, line) }),
  };
  const answer = await api.send("POST", ["calls", "me"], body);
  call.world.stdout.write(`${textIn(answer, "id")}\n`);
  return exitCodes.done;
}
