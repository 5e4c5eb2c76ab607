import { resolve } from "node:path";
import { parse } from "yaml";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";

type Fields = Readonly<Record<string, unknown>>;

const textsIn = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** Channels and groups are written by name. */
interface Known {
  readonly groups: readonly Fields[];
  readonly channels: readonly Fields[];
}

async function known(api: OwnApi): Promise<Known> {
  const answer = await api.get(["notification-groups"]);
  return { groups: listIn(answer, "groups").map(asObject), channels: listIn(answer, "channels").map(asObject) };
}

/** A group as files have it: channels and groups by name. */
function written({ groups, channels }: Known, group: Fields): object {
  const nameIn = (all: readonly Fields[], id: string): unknown => all.find((one) => one["id"] === id)?.["name"] ?? id;
  const { monitors, services } = group;
  return {
    name: group["name"],
    notificationLevel: group["notificationLevel"],
    channels: textsIn(group["childChannelIds"]).map((id) => nameIn(channels, id)),
    groups: textsIn(group["childNotificationGroupIds"]).map((id) => nameIn(groups, id)),
    ...(monitors === undefined ? {} : { monitors }),
    ...(services === undefined ? {} : { services: listIn({ services }, "services").map((one) => textIn(one, "name")) }),
  };
}

export async function listGroups(call: Call): Promise<number> {
  const all = await known(await ownApi(call));
  await call.print(
    all.groups.map((group) => ({ id: group["id"], type: group["type"], ...written(all, group) })),
    all.groups,
  );
  return exitCodes.done;
}

export async function showGroup(call: Call): Promise<number> {
  const all = await known(await ownApi(call));
  const group = find(all.groups, call.operands[0] ?? "");
  await call.print(written(all, group), group);
  return exitCodes.done;
}

/** By id, or by name whatever its capitals. @throws CliFailure */
function find(all: readonly Fields[], named: string): Fields {
  const found = all.find(({ id, name }) => id === named || String(name).toLowerCase() === named.toLowerCase());
  if (!found) throw usageError(`There is no ${named}.`, `${named} は見つかりません。`);
  return found;
}

export async function applyGroup(call: Call): Promise<number> {
  const api = await ownApi(call);
  const all = await known(api);
  const file = await readFields(call);
  const body = {
    name: file["name"],
    notificationLevel: file["notificationLevel"] ?? "all",
    childChannelIds: textsIn(file["channels"]).map((name) => textIn(find(all.channels, name), "id")),
    childNotificationGroupIds: textsIn(file["groups"]).map((name) => textIn(find(all.groups, name), "id")),
    ...(file["monitors"] === undefined ? {} : { monitors: listIn(file, "monitors").map(monitorOf) }),
    ...(file["services"] === undefined ? {} : { services: textsIn(file["services"]).map((name) => ({ name })) }),
  };
  const before = all.groups.find(({ name }) => name === body.name);
  const saved = before
    ? await api.send("PUT", ["notification-groups", textIn(before, "id")], body)
    : await api.send("POST", ["notification-groups"], body);
  call.log(before ? "updated" : "created", `${textIn(saved, "id")} ${textIn(saved, "name")}`);
  return exitCodes.done;
}

/** `{id, skipDefault}`, or the id alone. */
const monitorOf = (monitor: unknown): object =>
  typeof monitor === "string" ? { id: monitor, skipDefault: false } : { skipDefault: false, ...asObject(monitor) };

export async function deleteGroup(call: Call): Promise<number> {
  const api = await ownApi(call);
  const group = find((await known(api)).groups, call.operands[0] ?? "");
  await api.send("DELETE", ["notification-groups", textIn(group, "id")]);
  call.log("deleted", `${textIn(group, "id")} ${textIn(group, "name")}`);
  return exitCodes.done;
}

export async function tryRouting(call: Call): Promise<number> {
  const asked = { monitorId: call.text("monitor"), hostId: call.text("host"), service: call.text("service") };
  const body = {
    ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)),
    status: call.text("status") ?? "CRITICAL",
    ...(call.text("status") === "OK" ? { wasCritical: true } : {}),
  };
  const answer = await (await ownApi(call)).send("POST", ["notification-groups", "try"], body);
  const lines = listIn(answer, "channels").map((one) => {
    const { name, via, isTold, because } = asObject(one);
    return { channel: name, via: textsIn(via).join(" → "), told: isTold, because: because ?? null };
  });
  await call.print(lines, answer);
  return exitCodes.done;
}

export async function listAlertGroups(call: Call): Promise<number> {
  const settings = listIn(await (await ownApi(call)).get(["alert-group-settings"]), "settings").map(asObject);
  await call.print(
    settings.map(({ monitorNames: _names, ...setting }) => setting),
    settings,
  );
  return exitCodes.done;
}

export async function applyAlertGroup(call: Call): Promise<number> {
  const api = await ownApi(call);
  const { id: _id, monitorNames: _names, ...body } = await readFields(call);
  const settings = listIn(await api.get(["alert-group-settings"]), "settings").map(asObject);
  const before = settings.find(({ name }) => name === body["name"]);
  if (before) await api.send("PUT", ["alert-group-settings", textIn(before, "id")], body);
  const id = before ? textIn(before, "id") : textIn(await api.send("POST", ["alert-group-settings"], body), "id");
  call.log(before ? "updated" : "created", `${id} ${String(body["name"])}`);
  return exitCodes.done;
}

export async function deleteAlertGroup(call: Call): Promise<number> {
  const api = await ownApi(call);
  const setting = find(listIn(await api.get(["alert-group-settings"]), "settings").map(asObject), call.operands[0] ?? "");
  await api.send("DELETE", ["alert-group-settings", textIn(setting, "id")]);
  call.log("deleted", `${textIn(setting, "id")} ${textIn(setting, "name")}`);
  return exitCodes.done;
}

/** The object in the file that the flags name. @throws CliFailure */
async function readFields(call: Call): Promise<Fields> {
  const path = call.text("file-path") ?? "";
  const text = await readNamedFile(resolve(call.world.cwd, path), "file-path");
  try {
    return asObject(parse(text));
  } catch (error) {
    throw usageError(`--file-path: ${path}: ${messageOf(error)}`, `--file-path: ${path} を読み取れません: ${messageOf(error)}`);
  }
}
