import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { demandHost } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import type { BodyOf } from "#wire/contract";
import type { postProbeResults, reportProbeRun } from "#wire/probes";
import { repeated } from "#store";
import type { RunsContext } from "./context.ts";
import { keepResponseTimes } from "./response-times.ts";
import { takeResult, type ResponseTime } from "./take-results.ts";

type Reported = BodyOf<typeof postProbeResults>["results"];

/**
 * Takes in what an agent's probes found, oldest first. A key reports only for hosts of its own organisation, and only for what is to be probed from there.
 * @throws "forbidden", "not-found"
 */
export async function reportResults(
  probes: RunsContext,
  actor: Actor,
  hostId: string,
  reported: Reported,
): Promise<{ taken: number; ignored: number }> {
  const { db, clock } = probes;
  const responses: ResponseTime[] = [];
  let taken = 0;
  await db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "metrics.post", `host:${hostId}`, clock.now());
    await demandHost(tx, hostId);
  });
  // Each in a transaction of its own: one that fails loses no other, and none is held up by many. What is sent again is taken once.
  for (const { monitorId, version, at, outcome } of reported.toSorted((a, b) => a.at - b.at)) {
    const result = { monitorId, version, vantage: `host:${hostId}`, at: unixMs(at), outcome };
    const found = await repeated(db).tx(scopeOf(actor), (tx) => takeResult(probes, tx, result));
    if (found.isTaken) taken += 1;
    if (found.response) responses.push(found.response);
  }
  await keepResponseTimes(probes, actor.organisationId, responses);
  return { taken, ignored: reported.length - taken };
}

/** Takes in what an agent found for somebody who asked. @throws "forbidden", "not-found" when the run is over or not the host's */
export async function reportRun(
  probes: RunsContext,
  actor: Actor,
  run: { readonly id: string; readonly hostId: string },
  found: BodyOf<typeof reportProbeRun>,
): Promise<void> {
  demand(actor, "metrics.post", `host:${run.hostId}`, probes.clock.now());
  const isNoted = await probes.runs.note(actor.organisationId, { id: run.id, vantage: `host:${run.hostId}` }, found);
  if (!isNoted) throw new HinobanError("not-found", `The probe ${run.id} is over, or not this host's.`, { id: run.id });
}
