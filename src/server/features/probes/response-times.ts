import { serviceSource } from "#features/metrics";
import { responseTimeMetric } from "#features/monitors";
import { servicesNamed } from "#features/inventory";
import { toSeconds } from "#base/duration";
import type { ProbesContext } from "./context.ts";
import type { ResponseTime } from "./take-results.ts";

/** Keeps response times as metrics of the services that their monitors name. Call it after the results are committed. */
export async function keepResponseTimes(
  { db, receivers }: ProbesContext,
  organisationId: string,
  times: readonly ResponseTime[],
): Promise<void> {
  if (times.length === 0) return;
  const ids = await db.tx({ organisationId }, (tx) => servicesNamed(tx, [...new Set(times.map(({ service }) => service))]));
  const batch = receivers.batch();
  for (const { service, monitorId, at, millis } of times) {
    const id = ids.get(service);
    if (id !== undefined) batch.add(serviceSource(id), responseTimeMetric(monitorId), toSeconds(at), millis);
  }
  if (batch.count > 0) await receivers.append(organisationId, batch);
}
