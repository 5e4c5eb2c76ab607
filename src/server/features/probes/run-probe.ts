import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { demandHost } from "#features/inventory";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { ProbeSpec } from "#wire/probe-specs";
import { hostOfVantage, serverVantage } from "#wire/probe-words";
import type { ProbeRun } from "#wire/probes";
import { targetText } from "./model.ts";
import { probesTopic, type RunsContext } from "./context.ts";
import { demandRun, presentedRun } from "./read-runs.ts";

/** Runs of one organisation that are under way. */
const mostAtOnce = 20;

/**
 * Probes something once because somebody wants to know, from the server or from a host whose agent asks for probes.
 * @throws "forbidden", "invalid-input", "not-found", "too-many-requests"
 */
export async function runProbe(
  probes: RunsContext,
  actor: Actor,
  input: { readonly spec: ProbeSpec; readonly from?: string | undefined },
): Promise<ProbeRun> {
  const { db, clock } = probes;
  const { spec, from = serverVantage } = input;
  checkSpec(spec);
  const id = newId();
  const run = await db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "probe.run", `organisation:${actor.organisationId}`, at);
    probes.limit.take(`${actor.organisationId} ${actorId(actor)}`);
    await demandRoom(tx, at);
    const hostId = hostOfVantage(from);
    if (hostId !== undefined) await demandAgent(tx, hostId);
    await tx
      .insertInto("probes_run")
      .values({
        id,
        vantage: from,
        spec: JSON.stringify(spec),
        state: hostId === undefined ? "running" : "waiting",
        asked_at: at,
        asked_by: actorId(actor),
        steps: "[]",
        outcome: null,
      })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "probe.run",
      object: hostId === undefined ? `organisation:${actor.organisationId}` : `host:${hostId}`,
      outcome: "done",
      detail: { kind: spec.kind, from: hostId === undefined ? "server" : "host" },
      texts: { target: targetText(spec) },
    });
    if (hostId !== undefined) await publish(tx, probesTopic);
    return presentedRun(await demandRun(tx, id), at);
  });
  if (from === serverVantage) probes.runs.begin(actor.organisationId, id, spec);
  return run;
}

function checkSpec(spec: ProbeSpec): void {
  if (spec.kind === "http" && !(URL.canParse(spec.url) && new URL(spec.url).hostname !== "")) {
    throw new HinobanError("invalid-input", "spec.url: must be an address that begins with http:// or https://.");
  }
}

async function demandRoom(tx: Tx, at: number): Promise<void> {
  const recent = await tx
    .selectFrom("probes_run")
    .select("id")
    .where("state", "!=", "done")
    .where("asked_at", ">", at - 120_000)
    .execute();
  if (recent.length < mostAtOnce) return;
  throw new HinobanError("too-many-requests", `At most ${mostAtOnce} probes run at a time. Wait until some are done.`, { retryAfter: 10 });
}

async function demandAgent(tx: Tx, hostId: string): Promise<void> {
  await demandHost(tx, hostId);
  const agent = await tx.selectFrom("probes_agent").select("seen_at").where("host_id", "=", hostId).executeTakeFirst();
  if (!agent)
    throw new HinobanError("not-found", "No agent of this host asks for probes: it needs the agent of this version or newer.", { hostId });
}
