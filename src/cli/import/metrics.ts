import { asObject, listIn, v0 } from "../api.ts";
import type { Span } from "./annotations.ts";
import type { HostPlan } from "./hosts.ts";
import { ifThere, type HeldHost } from "./source.ts";
import type { Done, Stage } from "./steps.ts";

/** How far back the target takes points. */
export const furthestBack = 86_400;
const mostInPost = 4000;

/** The points of the hosts' metrics, for those metrics that the target lacks points of. */
export function metricStage(plan: HostPlan, read: () => Promise<readonly HeldHost[]>, span: Span): Stage {
  return {
    kind: "metrics",
    title: { en: "metrics", ja: "メトリック" },
    plan: async () =>
      (await read()).map((host) => ({ name: `${host.name} (${host.id})`, plan: "created", apply: () => copyPoints(plan, host.id, span) })),
  };
}

async function copyPoints({ source, target, ids }: HostPlan, from: string, span: Span): Promise<Done> {
  const to = ids.get(from) ?? from;
  const names = listIn(await source.get(v0`hosts/${from}/metric-names`), "names").map(String);
  let waiting: object[] = [];
  let count = 0;
  const post = async (): Promise<void> => {
    if (waiting.length > 0) await target.call("POST", "/api/v0/tsdb", waiting);
    count += waiting.length;
    waiting = [];
  };
  for (const name of names) {
    const query = { name, from: span.from, to: span.to };
    const theirs = listIn(await ifThere(source.get(v0`hosts/${from}/metrics`, query)), "metrics").map(asObject);
    const ours = listIn(await ifThere(target.get(v0`hosts/${to}/metrics`, query)), "metrics").map((one) => asObject(one)["time"]);
    const known = new Set(ours);
    for (const { time, value } of theirs) {
      if (typeof time === "number" && !known.has(time - (time % 60)) && !known.has(time)) waiting.push({ hostId: to, name, time, value });
      if (waiting.length >= mostInPost) await post();
    }
  }
  await post();
  return count === 0 ? { outcome: "unchanged" } : { outcome: "created", why: { en: `${count} points`, ja: `${count} 点` } };
}
