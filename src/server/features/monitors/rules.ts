import type { HostRule, MonitorSettings, ServiceRule } from "#wire/monitor-settings";
import { pointRuleOf, scopeRuleOf, type Monitor, type PointRule, type ScopeRule } from "./model.ts";

/** A rule that judges points as they arrive, made ready for it. */
export interface PointedRule {
  readonly monitorId: string;
  readonly settings: HostRule | ServiceRule;
  readonly points: PointRule;
  readonly scope: ScopeRule;
}

export function pointedRules(monitors: readonly Monitor[]): PointedRule[] {
  return monitors.flatMap(({ id, settings }) => {
    if (!isPointed(settings)) return [];
    const scope = settings.type === "host" ? scopeRuleOf(settings) : { included: [], excluded: [] };
    return [{ monitorId: id, settings, points: pointRuleOf(settings), scope }];
  });
}

const isPointed = (settings: MonitorSettings): settings is HostRule | ServiceRule =>
  settings.type === "host" || settings.type === "service";

/** What an alert says was asked of the thing, for messages, payloads and pages. */
export function detailOf(settings: MonitorSettings): Record<string, unknown> {
  const detail: Record<string, unknown> = {};
  if (settings.notificationInterval !== undefined) detail["notificationInterval"] = settings.notificationInterval;
  if (settings.memo) detail["memo"] = settings.memo;
  if ("operator" in settings) Object.assign(detail, thresholdsOf(settings));
  if ("metric" in settings) detail["metricLabel"] = settings.metric;
  if (settings.type === "expression") Object.assign(detail, { metricLabel: settings.expression, duration: 1 });
  if (settings.type === "host" || settings.type === "service") detail["duration"] = settings.duration ?? 1;
  if (settings.type === "external") detail["url"] = settings.url;
  return detail;
}

function thresholdsOf(settings: { operator: string; warning?: number | null; critical?: number | null }): Record<string, unknown> {
  return {
    monitorOperator: settings.operator,
    ...(settings.warning === null || settings.warning === undefined ? {} : { warningThreshold: settings.warning }),
    ...(settings.critical === null || settings.critical === undefined ? {} : { criticalThreshold: settings.critical }),
  };
}
