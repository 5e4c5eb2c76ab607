import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn, v0, type Api } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { prettyJson } from "../output.ts";
import { ownApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";
import { compareRules, diffText, type Rule } from "./monitor-diff.ts";

/** mkr's name. */
const usualFile = "monitors.json";

const rulesOn = async (api: Api): Promise<Rule[]> => listIn(await api.get("/api/v0/monitors"), "monitors").map(asObject);
const fileOf = (call: Call): string => call.text("file-path") ?? usualFile;

export async function listMonitors(call: Call): Promise<number> {
  await call.print(await rulesOn(await call.api()));
  return exitCodes.done;
}

/** Writes all rules to a file, as mkr does. */
export async function pullMonitors(call: Call): Promise<number> {
  const monitors = await rulesOn(await call.api());
  const text = prettyJson({ monitors });
  await writeFile(resolve(call.world.cwd, fileOf(call)), text);
  if (call.isOn("verbose")) call.world.stdout.write(text);
  const [file, count] = [fileOf(call), monitors.length];
  call.log(
    "info",
    call.say({ en: `Monitor rules are saved to '${file}' (${count} rules).`, ja: `監視ルール ${count} 件を ${file} に保存しました。` }),
  );
  return exitCodes.done;
}

/** Tells what a push would change. */
export async function diffMonitors(call: Call): Promise<number> {
  const local = await readRules(call);
  const remote = await rulesOn(await call.api());
  const difference = call.isOn("reverse") ? compareRules(local, remote) : compareRules(remote, local);
  call.world.stdout.write(diffText(difference));
  const isSame = difference.added.length + difference.changed.length + difference.removed.length === 0;
  return !isSame && call.isOn("exit-code") ? exitCodes.failed : exitCodes.done;
}

/** Makes the rules of the server those of the file: creates, changes and deletes one by one. */
export async function pushMonitors(call: Call): Promise<number> {
  const api = await call.api();
  const { added, changed, removed } = compareRules(await rulesOn(api), await readRules(call));
  const isDry = call.isOn("dry-run");
  const tell = (what: "created" | "updated" | "deleted", rule: Rule): void => {
    call.log(what, [textIn(rule, "id"), textIn(rule, "name")].filter((part) => part !== "").join(" "));
    if (call.isOn("verbose")) call.world.stdout.write(prettyJson(rule));
  };
  for (const rule of added) tell("created", isDry ? rule : asObject(await api.call("POST", "/api/v0/monitors", rule)));
  for (const rule of removed) {
    if (!isDry) await api.call("DELETE", v0`monitors/${textIn(rule, "id")}`);
    tell("deleted", rule);
  }
  for (const { before, after } of changed) {
    const id = textIn(before, "id");
    tell("updated", isDry ? after : asObject(await api.call("PUT", v0`monitors/${id}`, { ...after, id })));
  }
  return exitCodes.done;
}

/** @throws CliFailure when it is not a file of rules */
async function readRules(call: Call): Promise<Rule[]> {
  const path = resolve(call.world.cwd, fileOf(call));
  const text = await readNamedFile(path, "file-path");
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (cause) {
    throw usageError(`${path} is not JSON: ${messageOf(cause)}.`, `${path} は JSON として読めません: ${messageOf(cause)}`);
  }
  const monitors: unknown = asObject(value)["monitors"];
  if (!Array.isArray(monitors)) throw usageError(`${path} holds no list of monitors.`, `${path} に monitors の一覧がありません。`);
  return monitors.map(asObject);
}

const mute =
  (isMute: boolean) =>
  async (call: Call): Promise<number> => {
    const answer = await (await ownApi(call)).send("POST", ["monitors", "mute"], { ids: call.operands, isMute });
    const count = Number(answer["changed"] ?? 0);
    call.log("updated", call.say({ en: `${count} ${count === 1 ? "monitor" : "monitors"}`, ja: `${count} 件の監視ルール` }));
    return exitCodes.done;
  };

export const muteMonitors = mute(true);
export const unmuteMonitors = mute(false);
