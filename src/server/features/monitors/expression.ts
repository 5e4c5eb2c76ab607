import { minutes, unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { evaluateExpression, type ExpressionDeps, type ExpressionValue } from "#features/expressions";
import type { AlertStatus } from "#wire/alerting";
import type { ExpressionRule } from "#wire/monitor-settings";
import { limitsOf, messageOf, statusOf, type Monitor } from "./model.ts";
import { detailOf } from "./rules.ts";
import type { Verdict } from "./verdicts.ts";

type ExpressionMonitor = Monitor & { readonly settings: ExpressionRule };

/** Data this old has arrived from everywhere; Mackerel's default. */
const usualBackward = 2;

/** What an expression says for a rule: a status, and what people are told. */
interface Said {
  readonly status: AlertStatus;
  readonly message: string;
  readonly value: number | undefined;
}

/**
 * What the organisation's expression rules say, each of the minute that its `evaluateBackwardMinutes` names. An expression without data, or
 * that cannot be judged, is UNKNOWN and says why.
 */
export async function judgeExpressions(
  deps: ExpressionDeps,
  organisationId: string,
  at: UnixMs,
  monitors: readonly Monitor[],
  known: ReadonlyMap<string, AlertStatus>,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const monitor of monitors.filter((one): one is ExpressionMonitor => one.settings.type === "expression")) {
    const { settings, id } = monitor;
    const moment = unixMs(at - minutes(settings.evaluateBackwardMinutes ?? usualBackward));
    const said = await judgeOne(deps, organisationId, moment, settings);
    const from = known.get(id) ?? "OK";
    if (said.status === from) continue;
    const base = { monitorId: id, key: "", type: "expression", name: settings.name, from, hostId: undefined } as const;
    const nowhere = { serviceId: undefined, serviceIds: [], roleIds: [] };
    verdicts.push({ ...base, ...nowhere, ...said, detail: detailOf(settings), observedAt: moment });
  }
  return verdicts;
}

async function judgeOne(deps: ExpressionDeps, organisationId: string, moment: UnixMs, rule: ExpressionRule): Promise<Said> {
  try {
    return saidOf(rule, await evaluateExpression(deps, { organisationId }, rule.expression, moment));
  } catch (error) {
    if (!(error instanceof HinobanError) || error.status >= 500) throw error;
    return { status: "UNKNOWN", message: `${rule.name} cannot be judged: ${error.message}`, value: undefined };
  }
}

function saidOf(rule: ExpressionRule, found: ExpressionValue): Said {
  if (found.kind === "missing") return { status: "UNKNOWN", message: `${rule.name} has no data`, value: undefined };
  if (found.kind === "many") {
    const message = `${rule.name} cannot be judged: the expression gives ${found.lines} series, and it must give one`;
    return { status: "UNKNOWN", message, value: undefined };
  }
  const limits = limitsOf(rule);
  const status = statusOf(found.value, limits);
  return { status, value: found.value, message: messageOf(rule.name, { status, value: found.value }, limits) };
}
