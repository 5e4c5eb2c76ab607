import { parseExposition } from "#base/exposition-format";
import type { MappedSeries, Mapping } from "#wire/prometheus";
import { planOf, type Plan } from "./mapping.ts";

const mostSeries = 500;

/** What a mapping makes of the lines of an exposition. @throws "invalid-input" naming the line */
export function triedSeries(mapping: Pick<Mapping, "settings" | "rules">, text: string): MappedSeries[] {
  const tried: MappedSeries[] = [];
  for (const { name, family, type, labels } of parseExposition(text, { limits: { samples: mostSeries } })) {
    tried.push(mappedSeries(planOf(mapping, { name, family, type, labels })));
  }
  return tried;
}

/** A plan as the console shows it. */
export function mappedSeries(plan: Plan): MappedSeries {
  const { name } = plan;
  const labels = [...plan.labels].map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",");
  const target = plan.outcome === "service" ? plan.service : plan.host;
  return {
    series: labels === "" ? name : `${name}{${labels}}`,
    outcome: plan.outcome === "nameless" || plan.outputs.length === 0 ? "drop" : plan.outcome,
    ...(target === "" ? {} : { target }),
    metrics: plan.outputs.map((output) => ({ name: output.name, as: output.isRate ? "rate" : "gauge" })),
    ...(plan.rule === undefined ? {} : { rule: plan.rule }),
  };
}
