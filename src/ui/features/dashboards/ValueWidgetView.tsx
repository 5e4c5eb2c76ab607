import { Badge, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { minutes, toSeconds } from "#base/duration";
import type { ValueWidget } from "#wire/dashboards";
import { readExpressionSeries } from "#wire/expressions";
import { readHostSeries, readServiceSeries } from "#wire/metrics";
import { useCall, type Call } from "#kit/call";
import { useClock } from "#kit/clock";
import { pointsKey } from "#kit/live";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { messages } from "./messages.ts";
import { TitledCard, WidgetNote } from "./WidgetCard.tsx";
import classes from "./WidgetGrid.module.css";

const lookBack = minutes(30) / 1000;
const refreshEvery = 30_000;

/** The newest value of a metric, large. */
export function ValueWidgetView({ widget, title }: { readonly widget: ValueWidget; readonly title: string }) {
  const m = useMessages(messages);
  const { metric } = widget;
  switch (metric.type) {
    case "query":
      return <WidgetNote title={title} text={m.notDrawn} code={metric.query} />;
    case "unknown":
      return <WidgetNote title={title} text={m.gone} />;
    case "host":
    case "service":
    case "expression":
      return <Measured widget={widget} title={title} metric={metric} />;
  }
}

type MeasuredTarget = Extract<ValueWidget["metric"], { type: "host" | "service" | "expression" }>;

/** Reads the half hour up to now, as far as anything was posted. */
async function readNewest(call: Call, org: string, metric: MeasuredTarget, to: number, signal: AbortSignal): Promise<Newest> {
  const query = { from: to - lookBack, to, buckets: 60 };
  if (metric.type === "expression") {
    const { lines } = await call(readExpressionSeries, { params: { org }, query: { ...query, expression: metric.expression } }, signal);
    return { series: lines };
  }
  const named = { ...query, name: [metric.name] };
  return metric.type === "host"
    ? call(readHostSeries, { params: { org, id: metric.hostId }, query: named }, signal)
    : call(readServiceSeries, { params: { org, service: metric.serviceName }, query: named }, signal);
}

function Measured({ widget, title, metric }: { readonly widget: ValueWidget; readonly title: string; readonly metric: MeasuredTarget }) {
  const m = useMessages(messages);
  const call = useCall();
  const clock = useClock();
  const org = useOrganisation().name;
  const problemText = useProblemText();
  const { data, error } = useQuery({
    queryKey: [org, pointsKey, "newest", metric],
    queryFn: ({ signal }) => readNewest(call, org, metric, toSeconds(clock.now()) + 60, signal),
    refetchInterval: refreshEvery,
  });
  if (error) return <WidgetNote title={title} text={problemText(error)} />;
  const value = data && newestOf(data);
  return (
    <TitledCard title={title}>
      {data && value === undefined && (
        <Text size="sm" c="dimmed">
          {m.noValue}
        </Text>
      )}
      {value !== undefined && <Shown widget={widget} value={value} />}
    </TitledCard>
  );
}

function Shown({ widget, value }: { readonly widget: ValueWidget; readonly value: number }) {
  const m = useMessages(messages);
  const rule = ruleFor(widget, value);
  const says = rule && (rule.name || (rule.operator === ">" ? m.above : m.below)({ threshold: String(rule.threshold) }));
  return (
    <Group gap="xs" align="baseline">
      <Text component="span" className={classes.value} {...(rule ? { c: "var(--mantine-color-error)" } : {})}>
        {valueText(value, widget.fractionSize ?? 2)}
      </Text>
      {(widget.suffix ?? "") !== "" && (
        <Text component="span" size="lg" c="dimmed">
          {widget.suffix}
        </Text>
      )}
      {says !== undefined && (
        <Badge variant="light" color="red" tt="none">
          {says}
        </Badge>
      )}
    </Group>
  );
}

interface Newest {
  readonly series: readonly { readonly avg: readonly (number | null)[] }[];
}

/** The newest value of the only series. */
export const newestOf = ({ series }: Newest): number | undefined =>
  series[0]?.avg.findLast((value) => typeof value === "number") ?? undefined;

/** With its digits, thousands set apart by thin spaces, which no locale reads as a point. */
export function valueText(value: number, digits: number): string {
  if (Math.abs(value) >= 1e15) return String(value);
  const [whole = "", fraction] = value.toFixed(digits).split(".");
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, "\u2009");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** The rule that the value meets. */
export const ruleFor = ({ formatRules = [] }: ValueWidget, value: number) =>
  formatRules.find(({ operator, threshold }) => (operator === ">" ? value > threshold : value < threshold));
