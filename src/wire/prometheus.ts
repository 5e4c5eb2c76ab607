import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, ServiceName, UnixMsNumber } from "./shapes.ts";

const common = { tag: "prometheus", access: "organisation" } as const;
const LabelName = Type.String({ minLength: 1, maxLength: 128 });
const Glob = Type.String({ minLength: 1, maxLength: 200, description: "`*` stands for any text, also none." });
const MetricBase = Type.String({
  pattern: "^[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*$",
  maxLength: 150,
  description: "Segments of letters, digits, `_` and `-`, joined by dots. A host's metric begins with `custom.`.",
});

/** What a rule does with the series that it matches. The first rule that matches decides; without one, the built-in mapping does. */
export const ruleActions = ["host", "service", "drop"] as const;
export const MappingRule = Type.Object({
  metric: Type.String({ minLength: 1, maxLength: 200, description: "Name of the metric; `*` stands for any text." }),
  labels: Type.Array(Type.Object({ name: LabelName, value: Glob }), {
    maxItems: 10,
    description: "All of them must match; a label that is absent has an empty value.",
  }),
  action: Type.Union([Type.Literal("host"), Type.Literal("service"), Type.Literal("drop")]),
  service: Type.Optional(
    Type.Union([ServiceName], { description: "For `service`: whose metric it becomes; created when it does not exist." }),
  ),
  name: Type.Optional(MetricBase),
  as: Type.Union([Type.Literal("auto"), Type.Literal("gauge"), Type.Literal("rate")], {
    description: "`rate`: growth per second. `auto`: by the type of the metric, or else by its name.",
  }),
  keepLabels: Type.Optional(
    Type.Array(LabelName, {
      maxItems: 10,
      description: "Labels whose values become segments of the name; series that differ only in others are combined. All when absent.",
    }),
  ),
  combine: Type.Union([Type.Literal("sum"), Type.Literal("mean"), Type.Literal("max")]),
});
export type MappingRule = Static<typeof MappingRule>;

export const MappingSettings = Type.Object({
  hostLabels: Type.Array(LabelName, {
    minItems: 1,
    maxItems: 8,
    description: "The first of these labels that is there names the host; from `instance` the port is cut off.",
  }),
  seriesPerHost: Type.Integer({
    minimum: 0,
    maximum: 20_000,
    description: "Most series of one host or service besides the system's metrics.",
  }),
  registerHosts: Type.Boolean({ description: "Register hosts that are unknown here." }),
  serviceLabel: Type.String({ maxLength: 128, description: "Label that names the service a new host joins; empty: none." }),
  roleLabel: Type.String({ maxLength: 128, description: "Label that names its role there; empty: the role `prometheus`." }),
});
export type MappingSettings = Static<typeof MappingSettings>;

export const defaultMapping: MappingSettings = {
  hostLabels: ["instance", "host", "hostname", "nodename"],
  seriesPerHost: 1000,
  registerHosts: true,
  serviceLabel: "",
  roleLabel: "",
};

export const Mapping = Type.Object({
  revision: Type.Integer({ minimum: 0, description: "Grows with every change; 0 while nothing was changed." }),
  settings: MappingSettings,
  rules: Type.Array(MappingRule, { maxItems: 100 }),
});
export type Mapping = Static<typeof Mapping>;

export const getMapping = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/prometheus/mapping",
  summary: "See how series become metrics of hosts and services",
  needs: "inventory.view",
  params: OrgParams,
  response: Mapping,
});

export const changeMapping = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/prometheus/mapping",
  summary: "Change how series become metrics; the revision must be the present one",
  needs: "mapping.change",
  params: OrgParams,
  body: Mapping,
  response: Mapping,
});

/** What becomes of one line. */
export const MappedSeries = Type.Object({
  series: Type.String(),
  outcome: Type.Union([Type.Literal("system"), Type.Literal("host"), Type.Literal("service"), Type.Literal("drop")]),
  target: Type.Optional(Type.String({ description: "Name of the host or service." })),
  metrics: Type.Array(Type.Object({ name: Type.String(), as: Type.Union([Type.Literal("gauge"), Type.Literal("rate")]) })),
  rule: Type.Optional(Type.Integer({ description: "Which rule decided, counted from 1; absent: the built-in mapping." })),
});
export type MappedSeries = Static<typeof MappedSeries>;

export const tryMapping = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/prometheus/mapping/try",
  summary: "See what would become of the lines of an exposition; nothing is stored",
  needs: "inventory.view",
  params: OrgParams,
  body: Type.Object({
    settings: MappingSettings,
    rules: Type.Array(MappingRule, { maxItems: 100 }),
    exposition: Type.String({ maxLength: 100_000 }),
  }),
  response: Type.Object({ series: Type.Array(MappedSeries) }),
});

export const getReception = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/prometheus/reception",
  summary: "See what remote write brought since the server started, and which hosts have too many series",
  needs: "inventory.view",
  params: OrgParams,
  response: Type.Object({
    requests: Type.Integer(),
    samples: Type.Integer(),
    points: Type.Integer(),
    leftOut: Type.Integer({ description: "Samples left out by rules, as buckets, or as markers of series that ended." }),
    refused: Type.Integer({ description: "Samples of series over the limit of their host." }),
    unknownHost: Type.Integer({ description: "Samples of hosts that are unknown and not registered, or retired." }),
    invalid: Type.Integer({ description: "Samples without a name, or from more than a day away." }),
    lastAt: Type.Optional(UnixMsNumber),
    overLimit: Type.Array(Type.Object({ source: Type.String(), name: Type.String(), kept: Type.Integer(), refused: Type.Integer() })),
  }),
});

const TargetUrl = Type.String({
  minLength: 1,
  maxLength: 2000,
  pattern: "^https?://[^\\s]+$",
  description: "http or https, without user and password.",
});
const Labels = Type.Array(Type.Object({ name: LabelName, value: Type.String({ maxLength: 1000 }) }), { maxItems: 20 });

export const TargetAuth = Type.Union([Type.Literal("none"), Type.Literal("bearer"), Type.Literal("basic")]);
export type TargetAuth = Static<typeof TargetAuth>;

const targetFields = {
  url: TargetUrl,
  isEnabled: Type.Boolean(),
  intervalSeconds: Type.Integer({ minimum: 15, maximum: 3600 }),
  timeoutSeconds: Type.Integer({ minimum: 1, maximum: 60, description: "Shorter than the interval." }),
  hostName: Type.String({ maxLength: 255, description: "The host that the metrics belong to; empty: the host of the URL." }),
  auth: TargetAuth,
  userName: Type.String({ maxLength: 200, description: "For `basic`." }),
  verifiesTls: Type.Boolean(),
  labels: Labels,
};

/** `waiting` before the first scrape; `up` and `down` tell about the newest one. */
export const TargetState = Type.Union([Type.Literal("waiting"), Type.Literal("up"), Type.Literal("down"), Type.Literal("disabled")]);
export type TargetState = Static<typeof TargetState>;

export const ScrapeTarget = Type.Object({
  id: Id,
  ...targetFields,
  hasSecret: Type.Boolean(),
  createdAt: UnixMsNumber,
  state: TargetState,
  lastAt: Type.Optional(UnixMsNumber),
  lastError: Type.Optional(Type.String()),
  lastSamples: Type.Optional(Type.Integer()),
  lastMillis: Type.Optional(Type.Integer()),
  hostId: Type.Optional(Id),
});
export type ScrapeTarget = Static<typeof ScrapeTarget>;

/** A target as somebody writes it. */
export const TargetInput = Type.Object({
  ...targetFields,
  secret: Type.Optional(Type.String({ maxLength: 4000, description: "Token or password. Left out: the one that is kept." })),
});
export type TargetInput = Static<typeof TargetInput>;

const targetParams = Type.Object({ ...OrgParams.properties, id: Id });

export const listTargets = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/prometheus/targets",
  summary: "List scrape targets",
  needs: "inventory.view",
  params: OrgParams,
  query: Type.Object({
    state: Type.Optional(Type.Union([Type.Literal("down")], { description: "Only targets that could not be scraped." })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ targets: Type.Array(ScrapeTarget), total: Type.Integer(), down: Type.Integer() }),
});

export const createTarget = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/prometheus/targets",
  summary: "Add a scrape target",
  needs: "scrape.change",
  params: OrgParams,
  body: TargetInput,
  response: ScrapeTarget,
});

export const changeTarget = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/prometheus/targets/:id",
  summary: "Change a scrape target",
  needs: "scrape.change",
  params: targetParams,
  body: TargetInput,
  response: ScrapeTarget,
});

export const deleteTarget = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/prometheus/targets/:id",
  summary: "Delete a scrape target; what it brought stays",
  needs: "scrape.change",
  params: targetParams,
  response: Done,
});

export const tryTarget = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/prometheus/targets/try",
  summary: "Scrape once and tell what came, without storing anything",
  needs: "scrape.change",
  params: OrgParams,
  body: Type.Object({
    ...TargetInput.properties,
    id: Type.Optional(Type.Union([Id], { description: "The target whose kept secret is used." })),
  }),
  response: Type.Object({
    ok: Type.Boolean(),
    error: Type.Optional(Type.String()),
    samples: Type.Integer(),
    millis: Type.Integer(),
    series: Type.Array(MappedSeries, { description: "The first of them." }),
  }),
});
