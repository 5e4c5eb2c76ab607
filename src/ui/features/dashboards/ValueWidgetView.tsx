import { Badge, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { minutes, toSeconds } from "#base/duration";
import type { ValueWidget } from "#wire/dashboards";
import { readHostSeries, readServiceSeries, type SeriesColumns } from "#wire/metrics";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { pointsKey } from "#kit/live";
import { useMessages } from "#kit/messages";
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
    case "expression":
      return <WidgetNote title={title} text={m.notDrawn} code={metric.expression} />;
    case "query":
      return <WidgetNote title={title} text={m.notDrawn} code={metric.query} />;
    case "unknown":
      return <WidgetNote title={title} text={m.gone} />;
    case "host":
    case "service":
      return <Measured widget={widget} title={title} metric={metric} />;
  }
}

type MeasuredTarget = Extract<ValueWidget["metric"], { type: "host" | "service" }>;

function Measured({ widget, title, metric }: { readonly widget: ValueWidget; readonly title: string; readonly metric: MeasuredTarget }) {
  const m = useMessages(messages);
  const call = useCall();
  const clock = useClock();
  const org = useOrganisation().name;
  const owner = metric.type === "host" ? metric.hostId : metric.serviceName;
  const { data } = useQuery({
    queryKey: [org, pointsKey, "newest", metric.type, owner, metric.name],
    queryFn: ({ signal }) => {
      const to = toSeconds(clock.now()) + 60;
      const query = { name: [metric.name], from: to - lookBack, to, buckets: 60 };
      return metric.type === "host"
        ? call(readHostSeries, { params: { org, id: metric.hostId }, query }, signal)
        : call(readServiceSeries, { params: { org, service: metric.serviceName }, query }, signal);
    },
    refetchInterval: refreshEvery,
  });
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

/** The newest value of the only series. */
export const newestOf = ({ series }: SeriesColumns): number | undefined =>
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
