import { Autocomplete, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { rateMetrics } from "#wire/monitor-settings";
import { listHosts } from "#wire/inventory";
import { listHostMetricNames, listServiceMetricNames } from "#wire/metrics";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useServices } from "../inventory/use-services.ts";
import { editorMessages } from "./editor-messages.ts";
import { ChoiceField, LongField, NumberField, type MonitorForm } from "./inputs.tsx";

interface FormProps {
  readonly form: MonitorForm;
}

/** What a rule about metrics watches. */
export function WatchedFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const { type } = form.values;
  if (type === "host") return <HostMetric form={form} />;
  if (type === "expression") return <LongField form={form} name="expression" label={m.expression} hint={m.expressionHint} />;
  if (type === "query") return <LongField form={form} name="expression" label={m.expression} />;
  if (type !== "service") return undefined;
  return (
    <>
      <ServiceChoice form={form} label={m.service} />
      <ServiceMetric form={form} />
    </>
  );
}

export function ServiceChoice({ form, label, isOptional = false }: FormProps & { readonly label: string; readonly isOptional?: boolean }) {
  const m = useMessages(editorMessages);
  const services = useServices() ?? [];
  const none = isOptional || form.values.service === "" ? ([["", isOptional ? m.none : ""]] as const) : [];
  return <ChoiceField form={form} name="service" label={label} options={[...none, ...services.map(({ name }) => [name, name] as const)]} />;
}

/** Names of some host's metrics stand for all: the rule watches every host that posts what is typed. */
function HostMetric({ form }: FormProps) {
  const call = useCall();
  const org = useOrganisation().name;
  const { data = [] } = useQuery({
    queryKey: [org, "monitors", "metric-names"],
    queryFn: async ({ signal }) => {
      const { hosts } = await call(listHosts, { params: { org }, query: { limit: 5, sort: "lastSeen", order: "desc" } }, signal);
      const lists = await Promise.all(hosts.map(({ id }) => call(listHostMetricNames, { params: { org, id } }, signal)));
      return [...new Set(lists.flatMap(({ names }) => names))].toSorted();
    },
    staleTime: 60_000,
  });
  return <MetricName form={form} names={[...rateMetrics.filter((name) => !name.startsWith("container")), ...data]} />;
}

function ServiceMetric({ form }: FormProps) {
  const call = useCall();
  const org = useOrganisation().name;
  const { service } = form.values;
  const { data } = useQuery({
    queryKey: [org, "service", service, "metric-names"],
    queryFn: ({ signal }) => call(listServiceMetricNames, { params: { org, service } }, signal),
    enabled: service !== "",
  });
  return <MetricName form={form} names={data?.names ?? []} />;
}

function MetricName({ form, names }: FormProps & { readonly names: readonly string[] }) {
  const m = useMessages(editorMessages);
  const { value, error, onBlur, onChange } = form.field("metric");
  return (
    <Autocomplete
      name="metric"
      label={m.metric}
      {...(form.values.type === "host" ? { description: m.metricHint } : {})}
      value={value}
      error={error}
      onBlur={onBlur}
      onChange={onChange}
      data={[...new Set(names)]}
      limit={50}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

/** When a rule about metrics raises an alert. */
export function ConditionFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const { type, metric } = form.values;
  if (type === "connectivity") {
    const statuses = [
      ["CRITICAL", m.critical],
      ["WARNING", m.warning],
    ] as const;
    return <ChoiceField form={form} name="alertStatusOnGone" label={m.gone} options={statuses} />;
  }
  if (type === "anomalyDetection") return <SensitivityFields form={form} />;
  const unit = type === "host" && metric.endsWith("%") ? { unit: "%" } : {};
  return (
    <>
      <Group align="flex-start">
        <ChoiceField
          form={form}
          name="operator"
          label={m.operator}
          options={[
            [">", m.above],
            ["<", m.below],
          ]}
        />
        <NumberField form={form} name="warning" label={m.warning} isDecimal {...unit} />
        <NumberField form={form} name="critical" label={m.critical} isDecimal {...unit} />
      </Group>
      {(type === "host" || type === "service") && (
        <Group align="flex-start">
          <NumberField form={form} name="duration" label={m.duration} unit={m.points} min={1} max={10} />
          <NumberField form={form} name="maxCheckAttempts" label={m.attempts} hint={m.attemptsHint} min={1} max={10} />
        </Group>
      )}
      {type === "service" && (
        <Group align="flex-start">
          <NumberField form={form} name="missingDurationWarning" label={m.missingWarning} hint={m.missingHint} unit={m.minutes} />
          <NumberField form={form} name="missingDurationCritical" label={m.missingCritical} hint={m.missingHint} unit={m.minutes} />
        </Group>
      )}
      {type === "expression" && (
        <NumberField
          form={form}
          name="evaluateBackwardMinutes"
          label={m.backward}
          hint={m.backwardHint}
          unit={m.minutes}
          min={2}
          max={10}
        />
      )}
    </>
  );
}

function SensitivityFields({ form }: FormProps) {
  const m = useMessages(editorMessages);
  const options = [
    ["", m.off],
    ["insensitive", m.insensitive],
    ["normal", m.normal],
    ["sensitive", m.sensitive],
  ] as const;
  return (
    <Group align="flex-start">
      <ChoiceField form={form} name="warningSensitivity" label={m.warningSensitivity} options={options} />
      <ChoiceField form={form} name="criticalSensitivity" label={m.criticalSensitivity} options={options} />
      <NumberField form={form} name="maxCheckAttempts" label={m.attempts} min={1} max={10} />
    </Group>
  );
}
