import type { ExpositionType } from "#base/exposition-format";
import { fitName, gauge, nameHash, part, rate, segmentOf, serviceNameOf, type Output } from "#features/receivers";
import type { Mapping, MappingRule } from "#wire/prometheus";
import { glob } from "./glob.ts";
import { hostOfLabels } from "./host-name.ts";
import { systemOutputs } from "./node-exporter.ts";

/** A series as a receiver knows it. */
export interface Series {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly family: string;
  readonly type: ExpositionType;
}

/** What a series tells about the machine itself. */
export type Fact = "uname" | "os" | "dmi" | "interface";

/** What becomes of a series. */
export interface Plan {
  /** Name of the series. */
  readonly name: string;
  /** `drop`: by a rule, or because nothing is made of such series. `nameless`: no label says which host it is. */
  readonly outcome: "system" | "host" | "service" | "drop" | "nameless";
  /** `host:<name>` or `service:<name>`: equal for plans of one source. */
  readonly source: string;
  /** What its host is called; empty for a service's metric. */
  readonly host: string;
  readonly service: string;
  /** The role that the host joins when it is registered. */
  readonly joins: { readonly service: string; readonly role: string } | undefined;
  readonly outputs: readonly Output[];
  /** Tells this series from every other of its host. */
  readonly id: string;
  readonly fact: Fact | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** Which rule decided, from 1. */
  readonly rule: number | undefined;
}

const facts: Readonly<Record<string, Fact>> = {
  node_uname_info: "uname",
  node_os_info: "os",
  node_dmi_info: "dmi",
  node_network_info: "interface",
};

// What exporters say about themselves, on every host the same hundred series. A rule brings them back.
const aboutTheExporter = /^(?:go|promhttp)_|^node_(?:scrape_collector|exporter)_|^scrape_(?:duration|samples|series|timeout|body|sample)_/u;
const longestName = 255;

/** Decides what becomes of a series. @param fixedHost the host that a scrape target names; the labels are not asked then */
export function planOf(mapping: Pick<Mapping, "settings" | "rules">, series: Series, fixedHost = ""): Plan {
  const { settings, rules } = mapping;
  const index = rules.findIndex((rule) => matches(rule, series));
  const rule = rules[index];
  const host = fixedHost || hostOfLabels(series.labels, settings.hostLabels);
  const base = {
    name: series.name,
    source: `host:${host}`,
    host,
    service: "",
    joins: joinedRole(series.labels, settings),
    id: idOf(series),
    fact: Object.hasOwn(facts, series.name) ? facts[series.name] : undefined,
    labels: series.labels,
    rule: rule ? index + 1 : undefined,
    outputs: [],
  } as const;
  const { outcome, outputs } = rule ? decidedByRule(rule, series, settings.hostLabels, base.id) : decided(series, settings.hostLabels);
  const service = rule?.service ?? "";
  if (outcome === "service") return { ...base, outcome, outputs, host: "", service, source: `service:${service}` };
  return host === "" && outcome !== "drop" ? { ...base, outcome: "nameless" } : { ...base, outcome, outputs };
}

type Decision = Pick<Plan, "outputs"> & { readonly outcome: Exclude<Plan["outcome"], "nameless"> };

function decidedByRule(rule: MappingRule, series: Series, hostLabels: readonly string[], id: string): Decision {
  return { outcome: rule.action, outputs: rule.action === "drop" ? [] : outputsByRule(rule, series, hostLabels, id) };
}

function decided(series: Series, hostLabels: readonly string[]): Decision {
  const system = systemOutputs(series.name, (name) => series.labels.get(name) ?? "");
  if (system) return { outcome: "system", outputs: system };
  const outputs = builtIn(series, hostLabels);
  return { outcome: outputs.length > 0 ? "host" : "drop", outputs };
}

function matches(rule: MappingRule, { name, labels }: Series): boolean {
  return glob(rule.metric, name) && rule.labels.every((label) => glob(label.value, labels.get(label.name) ?? ""));
}

function builtIn(series: Series, hostLabels: readonly string[]): readonly Output[] {
  const how = aboutTheExporter.test(series.name) ? "none" : howOf(series);
  if (how === "none") return [];
  const name = joined(`custom.prometheus.${segmentOf(series.name)}`, valuesOf(series.labels, hostLabels));
  return [how === "rate" ? rate(name) : gauge(name)];
}

type How = "gauge" | "rate" | "none";

/** How a series is kept when nobody says: by its type, or else by the endings that Prometheus's naming rules give. */
function howOf({ name, labels, type }: Series): How {
  if (type === "unknown") return guessed(name, labels);
  return byType[type](name, labels);
}

type Judge = (name: string, labels: ReadonlyMap<string, string>) => How;

const distribution: Judge = (name, labels) => {
  if (/_(?:bucket|created)$/u.test(name) || labels.has("le")) return "none";
  return labels.has("quantile") ? "gauge" : "rate";
};

const byType: Readonly<Record<Exclude<ExpositionType, "unknown">, Judge>> = {
  counter: (name) => (name.endsWith("_created") ? "none" : "rate"),
  gauge: () => "gauge",
  histogram: distribution,
  summary: distribution,
  gaugehistogram: (name) => (name.endsWith("_bucket") ? "none" : "gauge"),
  info: () => "none",
  stateset: () => "gauge",
};

const guessed: Judge = (name, labels) => {
  if (name.endsWith("_info") || (name.endsWith("_bucket") && labels.has("le"))) return "none";
  return /_(?:total|sum|count)$/u.test(name) && !labels.has("quantile") ? "rate" : "gauge";
};

/** A rule may want what is otherwise left out: the buckets of a histogram only grow, too. */
const isRateByRule = (rule: MappingRule, series: Series): boolean =>
  rule.as === "rate" || (rule.as === "auto" && (howOf(series) === "rate" || series.name.endsWith("_bucket")));

function outputsByRule(rule: MappingRule, series: Series, hostLabels: readonly string[], id: string): readonly Output[] {
  const isService = rule.action === "service";
  const base = rule.name ?? `${isService ? "" : "custom."}prometheus.${segmentOf(series.name)}`;
  const name = joined(base, rule.keepLabels?.map((label) => series.labels.get(label) ?? "") ?? valuesOf(series.labels, hostLabels));
  const output = isRateByRule(rule, series) ? rate(name) : gauge(name);
  // Series that share a name are combined: always for a service, whose hosts all post; for a host when labels are left out.
  if (!isService && rule.keepLabels === undefined) return [output];
  return [part(output, { combine: rule.combine, waits: !isService }, id)];
}

/** Values of the labels that tell series of one host apart, ordered by the labels' names. */
function valuesOf(labels: ReadonlyMap<string, string>, hostLabels: readonly string[]): string[] {
  return [...labels]
    .filter(([name, value]) => value !== "" && name !== "job" && name !== "instance" && !hostLabels.includes(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => value);
}

/** A name of the base and one segment for each value; one that is too long is cut and gets a hash instead. */
function joined(base: string, values: readonly string[]): string {
  return fitName([base, ...values.map(segmentOf)].join("."), longestName);
}

const idOf = ({ name, labels }: Series): string => nameHash(JSON.stringify([name, [...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))]));

/** Service and role of a host by its labels, in names that services may have. */
function joinedRole(labels: ReadonlyMap<string, string>, settings: Mapping["settings"]): Plan["joins"] {
  const service = serviceNameOf(settings.serviceLabel === "" ? "" : (labels.get(settings.serviceLabel) ?? ""));
  if (service === undefined) return undefined;
  return { service, role: serviceNameOf(labels.get(settings.roleLabel) ?? "") ?? "prometheus" };
}
