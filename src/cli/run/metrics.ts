import { toSeconds } from "#base/duration";
import { asObject, listIn, v0 } from "../api.ts";
import type { Call } from "../call.ts";
import { exitCodes, usageError } from "../text.ts";

/** Path of what the call is about: the service or host that it names, or this machine's host. */
async function sourceOf(call: Call): Promise<string> {
  const service = call.text("service");
  if (service === undefined) return v0`hosts/${await call.hostId(call.text("host"))}`;
  if (call.has("host")) throw hostOrService();
  return v0`services/${service}`;
}

export const hostOrService = (): Error => usageError("Give --host or --service, not both.", "--host と --service は同時に指定できません。");

const hour = 3600;

export async function printMetrics(call: Call): Promise<number> {
  const to = call.time("to") ?? toSeconds(call.world.clock.now());
  const from = call.time("from") ?? to - hour;
  if (from > to) throw usageError("--from must not be after --to.", "--from は --to より前でなければなりません。");
  const path = await sourceOf(call);
  const api = await call.api();
  await call.print(listIn(await api.get(`${path}/metrics`, { name: call.text("name"), from, to }), "metrics"));
  return exitCodes.done;
}

export async function printMetricNames(call: Call): Promise<number> {
  const path = await sourceOf(call);
  const api = await call.api();
  await call.print(listIn(await api.get(`${path}/metric-names`), "names"));
  return exitCodes.done;
}

/** So many hosts go into one call that its address stays below what servers and proxies take. */
const mostHostsInCall = 100;

export async function fetchLatest(call: Call): Promise<number> {
  const ids = call.operands.length > 0 ? call.operands : [await call.hostId()];
  const api = await call.api();
  const latest: Record<string, unknown> = {};
  for (let at = 0; at < ids.length; at += mostHostsInCall) {
    const query = { hostId: ids.slice(at, at + mostHostsInCall), name: call.list("name") };
    Object.assign(latest, asObject(asObject(await api.get("/api/v0/tsdb/latest", query))["tsdbLatest"]));
  }
  await call.print(latest);
  return exitCodes.done;
}
