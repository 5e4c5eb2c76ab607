import { resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { ownApi } from "../own-api.ts";
import { exitCodes, usageError } from "../text.ts";

export async function listSources(call: Call): Promise<number> {
  const sources = listIn(await (await ownApi(call)).get(["alert-sources"]), "sources");
  await call.print(sources);
  return exitCodes.done;
}

/** Creates a source or a heartbeat; its address goes to stdout, and nowhere again. */
export async function createSource(call: Call): Promise<number> {
  const kind = call.text("kind") ?? "";
  const every = call.duration("every");
  const service = call.text("service");
  const body = {
    kind,
    name: call.text("name") ?? "",
    defaultSeverity: call.text("severity") ?? (kind === "heartbeat" ? "critical" : "error"),
    ...(service === undefined ? {} : { service }),
    ...(kind === "heartbeat" ? { beat: { intervalSeconds: every ?? 3600, graceSeconds: call.duration("grace") ?? 600 } } : {}),
    ...(call.has("mapping") ? { mapping: await readJson(call, "mapping") } : {}),
    ...(call.has("mailbox") ? { mailbox: await readJson(call, "mailbox") } : {}),
  };
  const answer = await (await ownApi(call)).send("POST", ["alert-sources"], body);
  const { base } = await call.api();
  call.log("created", `${textIn(answer["source"], "id")} ${body.name}`);
  // Nobody sends to a mailbox's address.
  if (kind !== "mail") call.world.stdout.write(`${base.origin}${textIn(answer, "path")}\n`);
  return exitCodes.done;
}

async function readJson(call: Call, flag: "mapping" | "mailbox"): Promise<object> {
  const path = resolve(call.world.cwd, call.text(flag) ?? "");
  const text = await readNamedFile(path, flag);
  try {
    return asObject(JSON.parse(text));
  } catch (cause) {
    throw usageError(`${path} is not JSON: ${messageOf(cause)}.`, `${path} は JSON として読めません: ${messageOf(cause)}`);
  }
}

export async function deleteSource(call: Call): Promise<number> {
  const api = await ownApi(call);
  for (const id of call.operands) {
    await api.send("DELETE", ["alert-sources", id]);
    call.log("deleted", id);
  }
  return exitCodes.done;
}

/** Without a length the mute ends. */
export async function muteSource(call: Call): Promise<number> {
  const api = await ownApi(call);
  const length = call.duration("for");
  const reason = call.text("reason");
  const body = length === undefined ? {} : { until: call.world.clock.now() + length * 1000, ...(reason === undefined ? {} : { reason }) };
  for (const id of call.operands) {
    await api.send("POST", ["alert-sources", id, "mute"], body);
    call.log("updated", id);
  }
  return exitCodes.done;
}

export async function listSignals(call: Call): Promise<number> {
  const [id = ""] = call.operands;
  await call.print(listIn(await (await ownApi(call)).get(["alert-sources", id, "signals"]), "signals"));
  return exitCodes.done;
}
