import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { CliFailure, exitCodes } from "../text.ts";
import { localTime } from "../units.ts";

/** A report in a line. */
function shortReport(report: unknown): object {
  const { id, period, language, isComplete, madeAt, madeByName, madeBy, incidents, sent, failed } = asObject(report);
  const made = typeof madeAt === "number" ? localTime(Math.floor(madeAt / 1000)) : null;
  return { id, period, language, isComplete, made, by: madeByName ?? madeBy, incidents, sent, failed };
}

export async function listReports(call: Call): Promise<number> {
  const answer = await (await ownApi(call)).get(["reports"], { period: call.text("month"), limit: call.integer("limit") });
  const reports = listIn(answer, "reports");
  await call.print(reports.map(shortReport), reports);
  return exitCodes.done;
}

export async function makeReport(call: Call): Promise<number> {
  const [period, language] = [call.text("month"), call.text("language")];
  const body = { ...(period === undefined ? {} : { period }), ...(language === undefined ? {} : { language }) };
  const report = await (await ownApi(call)).send("POST", ["reports"], body);
  await call.print(shortReport(report), report);
  return exitCodes.done;
}

/** The id of a report that is named by its id or its month. @throws CliFailure when there is none of that month */
async function idOf(api: OwnApi, named: string): Promise<string> {
  if (!/^\d{4}(?:-\d{2})?$/u.test(named)) return named;
  const [newest] = listIn(await api.get(["reports"], { period: named, limit: 1 }), "reports");
  if (newest !== undefined) return textIn(asObject(newest), "id");
  throw new CliFailure({
    en: `There is no report of ${named} yet. Make one: hinoban reports make --month ${named}`,
    ja: `${named} のレポートはまだありません。作成するには: hinoban reports make --month ${named}`,
  });
}

const formats = ["pdf", "html", "csv"] as const;

/** Writes the files that were asked for, or prints the figures. */
export async function fetchReport(call: Call): Promise<number> {
  const api = await ownApi(call);
  const [named = ""] = call.operands;
  const id = await idOf(api, named);
  const language = call.text("language");
  let files = 0;
  for (const format of formats) {
    const wanted = call.text(format);
    if (wanted === undefined) continue;
    const path = resolve(call.world.cwd, wanted);
    const { content } = await api.get(["reports", id, "file"], { format, language });
    await writeFile(path, Buffer.from(String(content), "base64"));
    call.log("info", path);
    files += 1;
  }
  if (files > 0) return exitCodes.done;
  await call.print((await api.get(["reports", id, "figures"]))["figures"]);
  return exitCodes.done;
}

export async function sendReport(call: Call): Promise<number> {
  const api = await ownApi(call);
  const [named = ""] = call.operands;
  const addresses = call.list("to");
  const body = addresses.length === 0 ? {} : { addresses: [...addresses] };
  const { count } = await api.send("POST", ["reports", await idOf(api, named), "send"], body);
  call.log("info", `→ ${String(count)}`);
  return exitCodes.done;
}
