import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/probes";
import type { Probes } from "./probes.ts";
import { newestResults, probingHosts, vantageStates } from "./read-results.ts";
import { demandRun, newestRuns, presentedRun } from "./read-runs.ts";
import { reportResults, reportRun } from "./report-results.ts";
import { runProbe } from "./run-probe.ts";

const usualRuns = 20;
const usualResults = 50;

/** Serves what people ask for, and what agents fetch and report. */
export function registerProbes(served: Served, probes: Probes): void {
  registerRuns(served, probes);
  registerResults(served, probes);
  registerAgents(served, probes);
}

function registerRuns(served: Served, probes: Probes): void {
  const { db, clock } = probes;
  serve(served, wire.runProbe, ({ actor, body }) => runProbe(probes, actor, body));
  serve(served, wire.getProbeRun, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => presentedRun(await demandRun(tx, params.id), clock.now())),
  );
  serve(served, wire.listProbeRuns, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => ({
      runs: (await newestRuns(tx, query.limit ?? usualRuns)).map((row) => presentedRun(row, clock.now())),
    })),
  );
  serve(served, wire.listVantages, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => ({
      vantages: [{ vantage: "server", name: "" }, ...(await probingHosts(tx, clock.now(), query.text ?? ""))],
    })),
  );
}

function registerResults(served: Served, { db }: Probes): void {
  serve(served, wire.getProbeStates, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => ({ vantages: await vantageStates(tx, params.id) })),
  );
  serve(served, wire.listProbeResults, ({ actor, params, query }) =>
    db.tx(scopeOf(actor), async (tx) => ({ results: await newestResults(tx, params.id, query.vantage, query.limit ?? usualResults) })),
  );
}

function registerAgents(served: Served, probes: Probes): void {
  serve(served, wire.getAssignedProbes, ({ actor, params, query }) => probes.assignments.answer(actor, params.id, query));
  serve(served, wire.postProbeResults, ({ actor, params, body }) => reportResults(probes, actor, params.id, body.results));
  serve(served, wire.reportProbeRun, async ({ actor, params, body }) => {
    await reportRun(probes, actor, { id: params.run, hostId: params.id }, body);
    return { success: true } as const;
  });
}
