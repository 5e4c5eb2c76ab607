import { isDeepStrictEqual } from "node:util";
import { asObject, listIn, textIn, v0 } from "../api.ts";
import type { HostPlan } from "./hosts.ts";
import type { Stage, Step } from "./steps.ts";

/** Dashboards by their URL paths. */
export function dashboardStage(plan: HostPlan): Stage {
  return {
    kind: "dashboard",
    title: { en: "dashboards", ja: "ダッシュボード" },
    plan: async () => {
      const theirs = listIn(await plan.source.get("/api/v0/dashboards"), "dashboards");
      const ours = new Map(listIn(await plan.target.get("/api/v0/dashboards"), "dashboards").map((one) => [textIn(one, "urlPath"), one]));
      return theirs.map((one) => stepOf(plan, one, ours.get(textIn(one, "urlPath"))));
    },
  };
}

function stepOf({ target, overwrites, ids }: HostPlan, theirs: unknown, ours: unknown): Step {
  const name = `${textIn(theirs, "title")} (${textIn(theirs, "urlPath")})`;
  const body = renamed(contentOf(theirs), ids);
  if (ours === undefined)
    return { name, plan: "created", apply: () => target.call("POST", "/api/v0/dashboards", body).then(() => undefined) };
  if (isDeepStrictEqual(slim(body), slim(contentOf(ours)))) return { name, plan: "unchanged" };
  const change = (): Promise<undefined> => target.call("PUT", v0`dashboards/${textIn(ours, "id")}`, body).then(() => undefined);
  return overwrites ? { name, plan: "changed", apply: change } : { name, plan: "kept" };
}

function contentOf(dashboard: unknown): object {
  return {
    title: textIn(dashboard, "title"),
    memo: textIn(dashboard, "memo"),
    urlPath: textIn(dashboard, "urlPath"),
    widgets: listIn(dashboard, "widgets"),
  };
}

/** With the ids that hosts have here, in graphs as well as inside expressions. An id is a word of its own, too odd to mean anything else. */
function renamed(content: object, ids: ReadonlyMap<string, string>): unknown {
  const changed = new Map([...ids].filter(([from, to]) => from !== to));
  if (changed.size === 0) return content;
  return JSON.parse(JSON.stringify(content).replaceAll(/[A-Za-z0-9]{8,}/gu, (word) => changed.get(word) ?? word));
}

/** Without what says nothing: clients write `null` and empty lists where others leave the member out. */
function slim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slim);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(asObject(value)).filter(([, one]) => one !== null && !(Array.isArray(one) && one.length === 0));
  return Object.fromEntries(members.map(([name, one]) => [name, slim(one)]));
}
