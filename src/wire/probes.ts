import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { ProbeOutcome, ProbeStep } from "./probe-outcomes.ts";
import { ProbeSpec, Vantage } from "./probe-specs.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "probes", access: "organisation", params: OrgParams } as const;
const hostParams = Type.Object({ ...OrgParams.properties, id: Id });

/** `waiting`: an agent has not fetched it yet; `expired`: nobody did it in time. */
export const RunState = Type.Union([Type.Literal("waiting"), Type.Literal("running"), Type.Literal("done"), Type.Literal("expired")]);
export type RunState = Static<typeof RunState>;

/** A probe that somebody asked for. */
export const ProbeRun = Type.Object({
  id: Id,
  from: Vantage,
  fromName: Type.String({ description: "Name of the host that probes; empty for the server." }),
  /** What was asked for, without passwords, headers and bodies. */
  spec: ProbeSpec,
  state: RunState,
  askedAt: UnixMsNumber,
  askedBy: Type.String({ description: "`person:<id>` or `key:<id>`." }),
  /** Steps so far, while it runs and when it is done. */
  steps: Type.Array(ProbeStep, { maxItems: 60 }),
  outcome: Type.Optional(ProbeOutcome),
});
export type ProbeRun = Static<typeof ProbeRun>;

export const runProbe = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/probes/runs",
  summary: "Probe something once, from the server or from an agent; answers at once, the steps are read while it runs",
  needs: "probe.run",
  body: Type.Object({ spec: ProbeSpec, from: Type.Optional(Vantage) }),
  response: ProbeRun,
  bodyLimit: 128 * 1024,
});

export const getProbeRun = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/probes/runs/:id",
  summary: "See what a probe has found so far",
  needs: "monitor.view",
  params: hostParams,
  response: ProbeRun,
});

export const listProbeRuns = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/probes/runs",
  summary: "List the probes that people asked for in the last day, newest first",
  needs: "monitor.view",
  query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }),
  response: Type.Object({ runs: Type.Array(ProbeRun) }),
});

/** Something an agent may probe from. */
export const listVantages = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/probes/vantages",
  summary: "List from where can be probed: the server, and hosts whose agents ask for probes",
  needs: "monitor.view",
  query: Type.Object({ text: Type.Optional(Type.String({ maxLength: 255 })) }),
  response: Type.Object({
    vantages: Type.Array(Type.Object({ vantage: Vantage, name: Type.String(), seenAt: Type.Optional(UnixMsNumber) })),
  }),
});

export const ProbeResult = Type.Object({ vantage: Vantage, at: UnixMsNumber, outcome: ProbeOutcome });
export type ProbeResult = Static<typeof ProbeResult>;

/** What one vantage says at present. */
export const VantageState = Type.Object({
  vantage: Vantage,
  name: Type.String({ description: "Name of the host; empty for the server." }),
  /** Absent before the first result. */
  last: Type.Optional(ProbeResult),
  /** Since when it has had this verdict. */
  since: Type.Optional(UnixMsNumber),
  /** No result for so long that it counts as failing. */
  isSilent: Type.Boolean(),
});
export type VantageState = Static<typeof VantageState>;

export const getProbeStates = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/monitors/:id/probes",
  summary: "See what the probes of a monitor found last, from each place",
  needs: "monitor.view",
  params: hostParams,
  response: Type.Object({ vantages: Type.Array(VantageState) }),
});

export const listProbeResults = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/monitors/:id/probes/results",
  summary: "List the newest results of a monitor's probes, newest first; the last 100 from each place are kept",
  needs: "monitor.view",
  params: hostParams,
  query: Type.Object({
    vantage: Type.Optional(Vantage),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ results: Type.Array(ProbeResult) }),
});

/** What an agent is to probe again and again. */
export const AssignedProbe = Type.Object({
  monitorId: Id,
  version: Type.Integer(),
  spec: ProbeSpec,
  intervalSeconds: Type.Integer({ minimum: 10, maximum: 3600 }),
});
export type AssignedProbe = Static<typeof AssignedProbe>;

export const getAssignedProbes = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/hosts/:id/probes",
  summary: "Agents: fetch what to probe from this host; held open for a moment when there is nothing new",
  needs: "metrics.post",
  params: hostParams,
  query: Type.Object({
    known: Type.Optional(Type.String({ maxLength: 100, description: "The version that the agent has." })),
    hold: Type.Optional(Type.Integer({ minimum: 0, maximum: 30, description: "Seconds that the answer may be held back." })),
  }),
  response: Type.Object({
    version: Type.String(),
    /** Absent when the agent has this version. */
    probes: Type.Optional(Type.Array(AssignedProbe)),
    /** Probes that somebody wants at once; each is given out once. */
    orders: Type.Array(Type.Object({ id: Id, spec: ProbeSpec })),
    /** How long the next question may be held; 0: ask again in a minute. */
    holdSeconds: Type.Integer({ minimum: 0, maximum: 30 }),
  }),
});

export const postProbeResults = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/:id/probe-results",
  summary: "Agents: report what probes found; old results are kept and judge nothing",
  needs: "metrics.post",
  params: hostParams,
  body: Type.Object({
    results: Type.Array(Type.Object({ monitorId: Id, version: Type.Integer(), at: UnixMsNumber, outcome: ProbeOutcome }), {
      maxItems: 100,
    }),
  }),
  response: Type.Object({
    taken: Type.Integer(),
    ignored: Type.Integer({ description: "Of monitors that are gone, changed, or not probed from this host." }),
  }),
  bodyLimit: 4 * 1024 * 1024,
});

export const reportProbeRun = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/:id/probe-runs/:run",
  summary: "Agents: report the steps of a probe that somebody asked for, and its outcome when it is done",
  needs: "metrics.post",
  params: Type.Object({ ...hostParams.properties, run: Id }),
  body: Type.Object({ steps: Type.Array(ProbeStep, { maxItems: 60 }), outcome: Type.Optional(ProbeOutcome) }),
  response: Done,
});
