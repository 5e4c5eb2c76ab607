import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn, v0 } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { prettyJson } from "../output.ts";
import { exitCodes, usageError } from "../text.ts";

export async function listDashboards(call: Call): Promise<number> {
  await call.print(listIn(await (await call.api()).get("/api/v0/dashboards"), "dashboards"));
  return exitCodes.done;
}

export async function pullDashboards(call: Call): Promise<number> {
  const api = await call.api();
  const only = call.text("id");
  const dashboards =
    only === undefined ? listIn(await api.get("/api/v0/dashboards"), "dashboards") : [await api.get(v0`dashboards/${only}`)];
  for (const dashboard of dashboards) {
    const id = textIn(dashboard, "id");
    if (!/^[A-Za-z0-9]{1,64}$/u.test(id))
      throw usageError(`The server named a dashboard "${id}".`, `サーバーが返した ID が不正です: ${id}`);
    const file = `dashboard-${id}.json`;
    await writeFile(resolve(call.world.cwd, file), prettyJson(dashboard));
    call.log(
      "info",
      call.say({ en: `${file} written (${textIn(dashboard, "title")})`, ja: `${file} に保存しました（${textIn(dashboard, "title")}）` }),
    );
  }
  return exitCodes.done;
}

export async function pushDashboard(call: Call): Promise<number> {
  const dashboard = await readDashboard(resolve(call.world.cwd, call.text("file-path") ?? ""));
  const api = await call.api();
  const id = textIn(dashboard, "id");
  const isKnown = id !== "";
  if (isKnown) await api.get(v0`dashboards/${id}`);
  const after = await (isKnown ? api.call("PUT", v0`dashboards/${id}`, dashboard) : api.call("POST", "/api/v0/dashboards", dashboard));
  call.log(isKnown ? "updated" : "created", `${textIn(after, "id")} ${textIn(after, "title")}`);
  return exitCodes.done;
}

/** @throws CliFailure when it is not a file with a JSON object */
async function readDashboard(path: string): Promise<object> {
  const text = await readNamedFile(path, "file-path");
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (cause) {
    throw usageError(`${path} is not JSON: ${messageOf(cause)}.`, `${path} は JSON として読めません: ${messageOf(cause)}`);
  }
  const dashboard = asObject(value);
  if (Object.keys(dashboard).length === 0) throw usageError(`${path} does not hold a dashboard.`, `${path} にダッシュボードがありません。`);
  return dashboard;
}
