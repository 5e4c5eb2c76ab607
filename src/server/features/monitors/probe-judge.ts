import { days, type UnixMs } from "#base/duration";
import { placesOfHosts, servicesNamed } from "#features/inventory";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import { hostOfVantage, serverVantage } from "#wire/probe-specs";
import type { ExternalRule, ProbeRule } from "#wire/monitor-settings";
import { valueText, type Monitor } from "./model.ts";
import { isWatched } from "./organisation-rules.ts";
import type { JudgedProbe } from "./probed.ts";
import { detailOf } from "./rules.ts";
import { writeStates, type Verdict } from "./verdicts.ts";

export type ProbedRule = ExternalRule | ProbeRule;
export type ProbedRuleMonitor = Monitor & { readonly settings: ProbedRule };

export const isProbedRule = (monitor: Monitor): monitor is ProbedRuleMonitor =>
  monitor.settings.type === "external" || "probe" in monitor.settings;

/** What one probe says by the rule's limits, before attempts and other places count. */
export interface ProbeSaid {
  readonly status: AlertStatus;
  readonly message: string;
}

/** @param responses milliseconds of the newest answers, newest first */
export function saidOf(rule: ProbedRule, probe: JudgedProbe, responses: readonly number[], at: UnixMs): ProbeSaid {
  if (probe.status === "failed") return { status: "CRITICAL", message: probe.message };
  const time = responseSaid(rule, responses);
  const certificate = certificateSaid(rule, probe.certificateExpiresAt, at);
  const worst = weight(certificate?.status) > weight(time?.status) ? certificate : time;
  return worst ?? { status: "OK", message: probe.message };
}

const weight = (status: AlertStatus | undefined): number => (status === "CRITICAL" ? 2 : status === "WARNING" ? 1 : 0);

/** Answers that are averaged. */
export const responsesNeeded = (rule: ProbedRule): number => rule.responseTimeDuration ?? 3;

function responseSaid(rule: ProbedRule, responses: readonly number[]): ProbeSaid | undefined {
  const needed = responsesNeeded(rule);
  if (responses.length < needed) return undefined;
  const average = responses.slice(0, needed).reduce((sum, one) => sum + one, 0) / needed;
  const { responseTimeWarning: warning, responseTimeCritical: critical } = rule;
  if (critical && average > critical) return { status: "CRITICAL", message: `response time ${valueText(average)} ms > ${critical}` };
  if (warning && average > warning) return { status: "WARNING", message: `response time ${valueText(average)} ms > ${warning}` };
  return undefined;
}

function certificateSaid(rule: ProbedRule, expiresAt: UnixMs | undefined, at: UnixMs): ProbeSaid | undefined {
  if (expiresAt === undefined) return undefined;
  const left = (expiresAt - at) / days(1);
  const message = left < 0 ? "certificate has expired" : `certificate expires in ${Math.floor(left)} days`;
  if (typeof rule.certificationExpirationCritical === "number" && left < rule.certificationExpirationCritical)
    return { status: "CRITICAL", message };
  if (typeof rule.certificationExpirationWarning === "number" && left < rule.certificationExpirationWarning)
    return { status: "WARNING", message };
  return undefined;
}

interface VantageState {
  readonly target: string;
  readonly status: AlertStatus;
  readonly attempts: number;
  readonly message: string;
}

/** What a vantage says once attempts are counted: bad only after so many in a row, well at once. */
export function counted(rule: ProbedRule, before: VantageState | undefined, said: ProbeSaid): Omit<VantageState, "target"> {
  const most = rule.maxCheckAttempts ?? 1;
  if (said.status === "OK") return { status: "OK", attempts: 0, message: said.message };
  const attempts = Math.min(most, (before?.attempts ?? 0) + 1);
  return attempts < most ? { status: before?.status ?? "OK", attempts, message: said.message } : { ...said, attempts };
}

const asItIs = (target: string): string => target;

const vantagesOf = (rule: ProbedRule): readonly string[] => ("vantages" in rule ? rule.vantages : undefined) ?? [serverVantage];

/** What all vantages together say. @param nameOf what a vantage is called in the message */
export function combined(rule: ProbedRule, states: readonly VantageState[], nameOf = asItIs): ProbeSaid {
  const vantages = vantagesOf(rule);
  const bad = states
    .filter(({ target, status }) => vantages.includes(target) && status !== "OK")
    .toSorted((a, b) => weight(b.status) - weight(a.status));
  const from = "failsFrom" in rule ? (rule.failsFrom ?? "any") : "any";
  const needed = from === "any" ? 1 : from === "all" ? vantages.length : Math.min(from, vantages.length);
  const [worst] = bad;
  if (!worst || bad.length < needed) return { status: "OK", message: states.find(({ status }) => status === "OK")?.message ?? "" };
  const where =
    vantages.length === 1 ? "" : ` (from ${bad.length} of ${vantages.length}: ${bad.map(({ target }) => nameOf(target)).join(", ")})`;
  return { status: worst.status, message: `${worst.message}${where}` };
}

/**
 * Counts what a probe found from one place, and tells what it makes of the rule as a whole.
 * @returns undefined when nothing changes, or when the host that is asked is not watched at present
 */
export async function judgeProbe(
  tx: Tx,
  at: UnixMs,
  monitor: ProbedRuleMonitor,
  probe: JudgedProbe,
  responses: readonly number[],
): Promise<Verdict | undefined> {
  const { id, settings } = monitor;
  const { isWatched: isAsked, ...place } = await placeOf(tx, settings);
  if (!isAsked) return undefined;
  const rows = await tx.selectFrom("monitors_state").selectAll().where("monitor_id", "=", id).execute();
  const before = rows.find((row) => row.target === probe.vantage);
  const now = counted(settings, before, saidOf(settings, probe, responses, at));
  if (differs(now, before)) await writeStates(tx, at, [{ ...now, monitorId: id, key: probe.vantage, observedAt: at }]);
  const states = [...rows.filter((row) => row.target !== probe.vantage && row.target !== ""), { ...now, target: probe.vantage }];
  const known = rows.find((row) => row.target === "");
  const from = known?.status ?? "OK";
  const whole = combined(settings, states, await vantageNames(tx, states));
  if (whole.status === from && (from === "OK" || whole.message === known?.message)) return undefined;
  return {
    ...place,
    ...whole,
    monitorId: id,
    key: "",
    type: settings.type,
    name: settings.name,
    from,
    value: probe.status === "ok" ? responses[0] : undefined,
    detail: { ...detailOf(settings), ...(probe.diagnosis === undefined ? {} : { diagnosis: probe.diagnosis }), vantage: probe.vantage },
    observedAt: at,
  };
}

function differs(now: Omit<VantageState, "target">, before: VantageState | undefined): boolean {
  if (now.status !== (before?.status ?? "OK") || now.attempts !== (before?.attempts ?? 0)) return true;
  return now.status !== "OK" && now.message !== before?.message;
}

/** Hosts by their names, as far as they are needed. */
async function vantageNames(tx: Tx, states: readonly VantageState[]): Promise<(target: string) => string> {
  const ids = states.flatMap(({ target, status }) => (status === "OK" ? [] : (hostOfVantage(target) ?? [])));
  const hosts = ids.length === 0 ? undefined : await placesOfHosts(tx, ids);
  return (target) => hosts?.get(hostOfVantage(target) ?? "")?.name ?? target;
}

async function placeOf(tx: Tx, rule: ProbedRule) {
  const hostId = "hostId" in rule ? rule.hostId : undefined;
  const host = hostId === undefined ? undefined : (await placesOfHosts(tx, [hostId])).get(hostId);
  const serviceId = rule.service ? (await servicesNamed(tx, [rule.service])).get(rule.service) : undefined;
  return {
    isWatched: !host || isWatched(host),
    hostId: host?.id,
    serviceId,
    serviceIds: [...new Set([...(serviceId === undefined ? [] : [serviceId]), ...(host?.serviceIds ?? [])])],
    roleIds: host?.roleIds ?? [],
  };
}
