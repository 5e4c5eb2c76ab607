import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { CliFailure, exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";

/** As mkr prints them. */
export async function listChannels(call: Call): Promise<number> {
  await call.print(listIn(await (await call.api()).get("/api/v0/channels"), "channels"));
  return exitCodes.done;
}

/** Keeps them in a file, as mkr does. */
export async function pullChannels(call: Call): Promise<number> {
  const path = resolve(call.world.cwd, call.text("file-path") ?? "channels.json");
  const answer = await (await call.api()).get("/api/v0/channels");
  const channels = listIn(answer, "channels");
  await writeFile(path, `${JSON.stringify({ channels }, undefined, 2)}\n`, { mode: 0o600 }); // addresses of webhooks are secrets
  call.log("info", `${channels.length} → ${path}`);
  return exitCodes.done;
}

/** Creates the channel of a file, or changes the one that is named. */
export async function applyChannel(call: Call): Promise<number> {
  const api = await ownApi(call);
  const path = resolve(call.world.cwd, call.text("file") ?? "");
  const body = { language: "en", ...readJson(path, await readNamedFile(path, "file")) };
  const [named] = call.operands;
  const before = named === undefined ? undefined : await find(api, named);
  const saved = before ? await api.send("PUT", ["channels", textIn(before, "id")], body) : await api.send("POST", ["channels"], body);
  call.log(before ? "updated" : "created", `${textIn(saved, "id")} ${textIn(saved, "name")}`);
  return exitCodes.done;
}

function readJson(path: string, text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text));
  } catch (cause) {
    throw usageError(`${path} is not JSON: ${messageOf(cause)}.`, `${path} は JSON として読めません: ${messageOf(cause)}`);
  }
}

/** A channel by its id or its name. @throws CliFailure when there is none, or several of that name */
async function find(api: OwnApi, idOrName: string): Promise<Readonly<Record<string, unknown>>> {
  const channels = listIn(await api.get(["channels"]), "channels").map(asObject);
  const byId = channels.find(({ id }) => id === idOrName);
  const byName = channels.filter(({ name }) => name === idOrName);
  const found = byId ?? (byName.length === 1 ? byName[0] : undefined);
  if (found) return found;
  throw byName.length > 1
    ? usageError(
        `${byName.length} channels are called ${idOrName}; give an id.`,
        `「${idOrName}」という名前のチャンネルが ${byName.length} 件あります。ID で指定してください。`,
      )
    : new CliFailure(
        { en: `There is no channel ${idOrName}.`, ja: `通知チャンネル ${idOrName} はありません。` },
        exitCodes.failed,
        "not-found",
      );
}

/** Sends a test through each; fails when one of them does. */
export async function testChannels(call: Call): Promise<number> {
  const api = await ownApi(call);
  const outcomes: object[] = [];
  let hasFailed = false;
  for (const operand of call.operands) {
    const channel = await find(api, operand);
    const id = textIn(channel, "id");
    const { ok, state, problem, millis } = await api.send("POST", ["channels", id, "test"]);
    hasFailed ||= ok !== true;
    outcomes.push({ id, name: channel["name"], state, ...(problem === undefined ? {} : { problem }), millis });
  }
  await call.print(outcomes);
  return hasFailed ? exitCodes.failed : exitCodes.done;
}

export async function suspendChannels(call: Call): Promise<number> {
  const reason = call.text("reason") ?? "";
  return each(call, (api, id) => api.send("POST", ["channels", id, "suspend"], { reason }));
}

export async function resumeChannels(call: Call): Promise<number> {
  return each(call, (api, id) => api.send("POST", ["channels", id, "resume"]));
}

export async function deleteChannels(call: Call): Promise<number> {
  return each(call, (api, id) => api.send("DELETE", ["channels", id]), "deleted");
}

async function each(
  call: Call,
  act: (api: OwnApi, id: string) => Promise<unknown>,
  what: "updated" | "deleted" = "updated",
): Promise<number> {
  const api = await ownApi(call);
  for (const operand of call.operands) {
    const channel = await find(api, operand);
    await act(api, textIn(channel, "id"));
    call.log(what, `${textIn(channel, "id")} ${textIn(channel, "name")}`);
  }
  return exitCodes.done;
}

/** What was sent of late, and what became of it. */
export async function listMessages(call: Call): Promise<number> {
  const api = await ownApi(call);
  const [named] = call.operands;
  const state = call.text("state");
  const query = {
    limit: String(call.integer("limit") ?? 50),
    ...(state === undefined ? {} : { state }),
    ...(named === undefined ? {} : { channel: textIn(await find(api, named), "id") }),
  };
  const answer = await api.get(["deliveries"], query);
  const deliveries = listIn(answer, "deliveries").map(asObject);
  const short = deliveries.map(({ id, title, recipientName, state: now, tries, createdAt, problem, ...rest }) => ({
    id,
    title,
    to: "medium" in rest ? `${textIn({ recipientName }, "recipientName")} (${textIn(rest, "medium")})` : recipientName,
    state: now,
    tries,
    createdAt: typeof createdAt === "number" ? localTime(Math.floor(createdAt / 1000)) : undefined,
    problem,
  }));
  await call.print(short, deliveries);
  return exitCodes.done;
}
