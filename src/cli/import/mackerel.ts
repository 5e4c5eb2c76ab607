import { resolve } from "node:path";
import { toSeconds } from "#base/duration";
import { Api, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { checkBase, checkKey, surroundings } from "../connection.ts";
import { readNamedFile } from "../files.ts";
import { exitCodes, CliFailure, usageError, type Text } from "../text.ts";
import { annotationStage } from "./annotations.ts";
import { dashboardStage } from "./dashboards.ts";
import { hostStage, type HostPlan } from "./hosts.ts";
import { metadataStage } from "./metadata.ts";
import { furthestBack, metricStage } from "./metrics.ts";
import { Progress } from "./progress.ts";
import { remainderStage } from "./remainder.ts";
import { report } from "./report.ts";
import { runStages } from "./run-stages.ts";
import { serviceStages } from "./services.ts";
import { readHosts, readServices } from "./source.ts";
import type { Stage } from "./steps.ts";

const vendor = "https://api.mackerelio.com";
/** With waits of 1, 2, 4 … s, at most 2 minutes each: a server may be away for about ten minutes. */
const retries = 10;
const annotationsBack = 400 * 86_400;
const day = 86_400;

/** Takes an organisation over. Reads from the source only; writes through the public API of the target. */
export async function importMackerel(call: Call): Promise<number> {
  const isDry = call.isOn("dry-run");
  const metrics = metricsSpan(call);
  const progress = new Progress(call);
  const onWait = (why: string, wait: number): void => progress.note(`${why} ${Math.round(wait / 1000)} s …`);
  const connection = await call.connection();
  const target = connection.with({ retries, onWait });
  const base = checkBase(call.text("from") ?? vendor);
  if (target.base.host === new URL(vendor).host)
    throw usageError(
      "The target is Mackerel itself: --apibase names the Hinoban server, --from the source.",
      "移行先が Mackerel になっています。--apibase に Hinoban、--from に移行元を指定してください。",
    );
  const key = checkKey((await readNamedFile(resolve(call.world.cwd, call.text("from-apikey-file") ?? ""), "from-apikey-file")).trim());
  const source = new Api({ ...(await surroundings(call.world)), base, key, retries, onWait });
  try {
    const organisation = await demandTwo(source, target);
    const plan: HostPlan = {
      source,
      target,
      organisation,
      overwrites: call.isOn("overwrite"),
      givesNewIds: call.isOn("new-ids"),
      ids: new Map(),
    };
    const stages = await stagesOf(call, plan, metrics);
    return report(call, stages, await runStages(call, stages, isDry, progress), isDry, [next(call, target)]);
  } finally {
    source.close();
    target.close();
  }
}

function metricsSpan(call: Call): number | undefined {
  const length = call.duration("metrics");
  if (length === undefined || length <= furthestBack) return length;
  throw usageError(
    "--metrics takes 24h at most: no older points are taken by the server. Keep the source until its history is no longer needed.",
    "--metrics は 24h までです（サーバーがそれより古い点を受け付けません）。履歴が不要になるまで移行元を残してください。",
  );
}

/** The target organisation's name, once it is sure that it is not the source. */
async function demandTwo(source: Api, target: Api): Promise<string> {
  const [theirs, ours] = await Promise.all([source.get("/api/v0/org"), target.get("/api/v0/org")]);
  const organisation = textIn(ours, "name");
  if (source.base.origin === target.base.origin && textIn(theirs, "name") === organisation)
    throw new CliFailure(
      { en: `Source and target are the same organisation, ${organisation}.`, ja: `移行元と移行先が同じ組織（${organisation}）です。` },
      exitCodes.usage,
    );
  return organisation;
}

async function stagesOf(call: Call, plan: HostPlan, metrics: number | undefined): Promise<Stage[]> {
  const only = call.list("only");
  const isWanted = (kind: string): boolean => only.length === 0 || only.includes(kind);
  const now = toSeconds(call.world.clock.now());
  const services = once(() => readServices(plan.source));
  const hosts = once(() => readHosts(plan.source));
  if (!isWanted("hosts")) await hostStage(plan, hosts).plan(); // whatever refers to hosts needs their ids here
  const back = call.duration("annotations") ?? annotationsBack;
  return [
    ...(isWanted("services") ? serviceStages(plan, services) : []),
    ...(isWanted("hosts") ? [hostStage(plan, hosts)] : []),
    ...(isWanted("metadata") ? [metadataStage(plan, { hosts, services })] : []),
    ...(isWanted("dashboards") ? [dashboardStage(plan)] : []),
    ...(isWanted("annotations") ? [annotationStage(plan, services, { from: Math.max(0, now - back), to: now + day })] : []),
    ...(metrics !== undefined && isWanted("metrics") ? [metricStage(plan, hosts, { from: now - metrics, to: now })] : []),
    remainderStage(plan.source),
  ];
}

/** Asks once, however many stages want to know. */
function once<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return () => (asked ??= ask());
}

function next(call: Call, target: Api): Text {
  const ids = call.isOn("new-ids")
    ? { en: "and remove its id file, since its host has a new id", ja: "し、ID ファイルを消して（ホストの ID が変わったため）" }
    : { en: "and keep its id file", ja: "し（ID ファイルはそのまま）" };
  return {
    en: `\nNow set apibase = "${target.base.origin}" and a new apikey in each agent's configuration ${ids.en}, then restart it. docs/guide tells the rest.`,
    ja: `\n次に、各エージェントの設定の apibase を "${target.base.origin}" に、apikey を新しいキーに変更${ids.ja}、再起動してください。詳しくは docs/guide にあります。`,
  };
}
