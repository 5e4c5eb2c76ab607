import type { AlertFacts } from "#features/incidents";
import type { MetricRule } from "./mackerel-body.ts";

const numberIn = (detail: AlertFacts["detail"], key: string): number | undefined => {
  const value = detail[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

const textIn = (detail: AlertFacts["detail"], key: string): string | undefined => {
  const value = detail[key];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The monitor's memo. */
export const memoOf = ({ detail }: Pick<AlertFacts, "detail">): string => textIn(detail, "memo") ?? "";

/** Minutes after which the alert is told again, at least 10; undefined: never. */
export function intervalOf({ detail }: Pick<AlertFacts, "detail">): number | undefined {
  const minutes = numberIn(detail, "notificationInterval");
  return minutes === undefined || minutes <= 0 ? undefined : Math.max(10, Math.ceil(minutes));
}

/** What was asked of a metric; undefined when none was. @param isByHand a person closed it, so nothing was measured */
export function metricRuleOf({ detail, value }: Pick<AlertFacts, "detail" | "value">, isByHand: boolean): MetricRule | undefined {
  const label = textIn(detail, "metricLabel");
  const operator = textIn(detail, "monitorOperator");
  if (label === undefined || operator === undefined) return undefined;
  return {
    label,
    value: isByHand ? undefined : (value ?? numberIn(detail, "metricValue")),
    operator,
    warning: numberIn(detail, "warningThreshold"),
    critical: numberIn(detail, "criticalThreshold"),
    duration: numberIn(detail, "duration") ?? 1,
  };
}
