import { resolve } from "node:path";
import { parse } from "yaml";
import { messageOf } from "#base/errors";
import { defaultSlope } from "#wire/escalation";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";

type Fields = Readonly<Record<string, unknown>>;

export async function listPolicies(call: Call): Promise<number> {
  const answer = await (await ownApi(call)).get(["escalation", "policies"]);
  const bindings = listIn(answer, "bindings").map(asObject);
  const names = asObject(answer["names"]);
  const short = listIn(answer, "policies").map((one) => {
    const { id, name, rounds, steps, reaches } = asObject(one);
    const own = bindings.filter(({ policyId }) => policyId === id);
    const told = list(steps).map((step) =>
      list(asObject(step)["targets"])
        .map((target) => targetText(asObject(target), names))
        .join(", "),
    );
    return {
      id,
      name,
      steps: told,
      rounds,
      reaches,
      holdsFor: own.map((binding) => `${textIn(binding, "service") || "*"}:${textIn(binding, "severity") || "*"}`),
    };
  });
  await call.print(short, answer);
  return exitCodes.done;
}

export async function showPolicy(call: Call): Promise<number> {
  const api = await ownApi(call);
  const { policy, names } = await find(api, call.operands[0] ?? "");
  await call.print(written(policy, names), policy);
  return exitCodes.done;
}

/** Creates the policy of a file, or changes the one of the same name. */
export async function applyPolicy(call: Call): Promise<number> {
  const api = await ownApi(call);
  const input = await readPolicy(call, api);
  const body = { ...input, isConfirmed: call.isOn("confirm") };
  const policies = listIn(await api.get(["escalation", "policies"]), "policies").map(asObject);
  const before = policies.find(({ name }) => name === input["name"]);
  const saved = before
    ? await api.send("PUT", ["escalation", "policies", textIn(before, "id")], { ...body, version: before["version"] })
    : await api.send("POST", ["escalation", "policies"], body);
  call.log(before ? "updated" : "created", `${textIn(saved, "id")} ${textIn(saved, "name")}`);
  return exitCodes.done;
}

export async function deletePolicy(call: Call): Promise<number> {
  const api = await ownApi(call);
  const { policy } = await find(api, call.operands[0] ?? "");
  await api.send("DELETE", ["escalation", "policies", textIn(policy, "id")]);
  call.log("deleted", `${textIn(policy, "id")} ${textIn(policy, "name")}`);
  return exitCodes.done;
}

export async function dryRunPolicy(call: Call): Promise<number> {
  const api = await ownApi(call);
  const at = call.time("at");
  const service = call.text("service");
  const [named] = call.operands;
  const body = {
    severity: call.text("severity") ?? "critical",
    ...(at === undefined ? {} : { at: at * 1000 }),
    ...(service === undefined ? {} : { service }),
    ...(call.has("file-path") ? { draft: await readPolicy(call, api) } : {}),
    ...(named === undefined ? {} : { policyId: textIn((await find(api, named)).policy, "id") }),
  };
  const answer = await api.send("POST", ["escalation", "dry-run"], body);
  const names = asObject(answer["names"]);
  const lines = listIn(answer, "lines").map((one) => dryLine(asObject(one), names));
  await call.print(lines, answer);
  return exitCodes.done;
}

function dryLine({ at, afterSeconds, kind, personId, channelId, target, media, until }: Fields, names: Fields): object {
  const who =
    typeof personId === "string"
      ? (names[`person:${personId}`] ?? personId)
      : typeof channelId === "string"
        ? (names[`channel:${channelId}`] ?? channelId)
        : target === undefined
          ? ""
          : targetText(asObject(target), names);
  return {
    after: afterSeconds,
    at: typeof at === "number" ? localTime(Math.floor(at / 1000)) : null,
    what: kind,
    who,
    media: list(media).join("+"),
    until: typeof until === "number" ? localTime(Math.floor(until / 1000)) : "",
  };
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

async function find(api: OwnApi, named: string): Promise<{ readonly policy: Fields; readonly names: Fields }> {
  const answer = await api.get(["escalation", "policies"]);
  const policy = listIn(answer, "policies")
    .map(asObject)
    .find(({ id, name }) => id === named || name === named);
  if (!policy) throw usageError(`There is no escalation policy ${named}.`, `${named} というエスカレーションポリシーはありません。`);
  return { policy, names: asObject(answer["names"]) };
}

/** What the server adds to a policy and nobody writes. */
const added = new Set(["id", "version", "createdAt", "changedAt", "reaches", "problems", "bindings"]);

/** A policy as `apply` reads it, targets by their names where they have one. */
function written(policy: Fields, names: Fields): object {
  const own = Object.fromEntries(Object.entries(policy).filter(([key]) => !added.has(key)));
  const steps = list(policy["steps"]).map((step) => {
    const { targets, ...rest } = asObject(step);
    return { ...rest, targets: list(targets).map((target) => writtenTarget(asObject(target), names)) };
  });
  return { ...own, steps };
}

/** People have no name that tells them apart for sure: they stay ids. */
function writtenTarget(target: Fields, names: Fields): unknown {
  return target["kind"] === "person" ? target : targetText(target, names, target);
}

function targetText(target: Fields, names: Fields, otherwise?: unknown): unknown {
  const named = (kind: string, id: unknown, prefix: string): unknown => {
    const name = names[`${kind}:${String(id)}`];
    return typeof name === "string" ? `${prefix}:${name}` : (otherwise ?? `${prefix}:${String(id)}`);
  };
  switch (target["kind"]) {
    case "person":
      return named("person", target["personId"], "person");
    case "schedule":
      return named("schedule", target["scheduleId"], target["who"] === "next" ? "next-on-duty" : "on-duty");
    case "team":
      return named("team", target["teamId"], target["how"] === "at-once" ? "team-at-once" : "team");
    case "lead":
      return named("team", target["teamId"], "lead");
    case "channel":
      return named("channel", target["channelId"], "channel");
    default:
      return "owners";
  }
}

/** What a file may leave out. */
const usual = {
  memo: "",
  rounds: 2,
  pauseSeconds: 0,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  exhausted: { repeatSeconds: 1800 },
} as const;
const usualStep = { afterSeconds: 0, mode: "in-order", medium: "severity", waitSeconds: 120 } as const;

async function readPolicy(call: Call, api: OwnApi): Promise<Fields> {
  const path = resolve(call.world.cwd, call.text("file-path") ?? "");
  const document = parsed(await readNamedFile(path, "file-path"), path);
  const finder = new Finder(api);
  const steps: unknown[] = [];
  for (const step of list(document["steps"])) {
    const { targets, ...rest } = asObject(step);
    const found: unknown[] = [];
    for (const target of list(targets)) found.push(typeof target === "string" ? await finder.target(target) : target);
    steps.push({ ...usualStep, ...rest, targets: found });
  }
  const own = Object.fromEntries(Object.entries(document).filter(([key]) => !added.has(key)));
  return { ...usual, ...own, exhausted: { ...usual.exhausted, ...asObject(document["exhausted"] ?? {}) }, steps };
}

function parsed(text: string, path: string): Fields {
  try {
    return asObject(parse(text));
  } catch (cause) {
    throw usageError(
      `${path} is no YAML of a policy: ${messageOf(cause)}`,
      `${path} はポリシーの YAML として読めません: ${messageOf(cause)}`,
    );
  }
}

type ListName = "members" | "schedules" | "teams" | "channels";
type Id = (path: ListName, by?: string) => Promise<string>;

/** What stands before the colon of a target. */
const targetKinds: Readonly<Record<string, (id: Id) => Promise<object>>> = {
  person: async (id) => ({ kind: "person", personId: await id("members", "email") }),
  "on-duty": async (id) => ({ kind: "schedule", scheduleId: await id("schedules"), who: "now" }),
  "next-on-duty": async (id) => ({ kind: "schedule", scheduleId: await id("schedules"), who: "next" }),
  team: async (id) => ({ kind: "team", teamId: await id("teams"), how: "in-order" }),
  "team-at-once": async (id) => ({ kind: "team", teamId: await id("teams"), how: "at-once" }),
  lead: async (id) => ({ kind: "lead", teamId: await id("teams") }),
  channel: async (id) => ({ kind: "channel", channelId: await id("channels") }),
  owners: async () => ({ kind: "owners" }),
};

/** Finds what a file names, asking for each list once. */
class Finder {
  readonly #api: OwnApi;
  readonly #lists = new Map<ListName, Promise<readonly Fields[]>>();

  constructor(api: OwnApi) {
    this.#api = api;
  }

  async target(text: string): Promise<object> {
    const colon = text.indexOf(":");
    const kind = colon < 0 ? text.trim() : text.slice(0, colon).trim();
    const name = colon < 0 ? "" : text.slice(colon + 1).trim();
    const make = targetKinds[kind];
    if (!make) {
      throw usageError(
        `${text} names nobody; write person:…, on-duty:…, team:…, lead:…, channel:… or owners.`,
        `${text} は相手として解釈できません。`,
      );
    }
    return make((path, by) => this.#id(path, name, by));
  }

  async #id(path: ListName, name: string, by = "name"): Promise<string> {
    const known = this.#lists.get(path) ?? this.#list(path);
    this.#lists.set(path, known);
    const found = (await known).find((one) => one["id"] === name || String(one[by]).toLowerCase() === name.toLowerCase());
    if (!found) throw usageError(`There is no ${name} among the ${path}.`, `${name} は見つかりません(${path})。`);
    return textIn(found, "id");
  }

  async #list(path: ListName): Promise<readonly Fields[]> {
    return listIn(await this.#api.get([path], path === "members" ? { limit: 200 } : {}), path).map(asObject);
  }
}
