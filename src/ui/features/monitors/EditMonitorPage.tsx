import { Button, Group, SimpleGrid, Stack } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { probeTypes, type MonitorType } from "#wire/monitor-settings";
import { changeMonitor, createMonitor, getMonitor, type Monitor } from "#wire/monitors";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { editorMessages } from "./editor-messages.ts";
import { FlagField, LongField, NumberField, TextField, type MonitorForm } from "./inputs.tsx";
import { messages } from "./messages.ts";
import { newValues, settingsOf, valuesOf, type MonitorValues } from "./monitor-form.ts";
import { specOfSettings } from "../probes/spec-of.ts";
import { TryProbe } from "../probes/TryProbe.tsx";
import { PreviewSection } from "./Preview.tsx";
import { ProbeConditionFields, ProbeFields, VantageFields } from "./ProbeFields.tsx";
import { ConditionFields, WatchedFields } from "./RuleFields.tsx";
import { ScopeFields } from "./ScopeFields.tsx";
import { typeMessages } from "./type-messages.ts";

/** A new rule of the type that the address names. */
export function NewMonitorPage() {
  const { type } = useSearch({ from: "/signed-in/o/$org/monitors/new" });
  return <Editor key={type} monitor={undefined} type={type} />;
}

/** A rule that is kept. */
export function EditMonitorPage() {
  const { id } = useParams({ from: "/signed-in/o/$org/monitors/$id/edit" });
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "monitor-edited", id],
    queryFn: ({ signal }) => call(getMonitor, { params: { org, id } }, signal),
    staleTime: Infinity,
    gcTime: 0,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data && <Editor monitor={data} type={data.settings.type} />;
}

interface EditorProps {
  readonly monitor: Monitor | undefined;
  readonly type: MonitorType;
}

function Editor({ monitor, type }: EditorProps) {
  const m = useMessages(editorMessages);
  const names = useMessages(typeMessages);
  const list = useMessages(messages);
  const org = useOrganisation().name;
  const form = useMonitorForm(monitor, type);
  const settings = useMemo(() => settingsOf(form.values, monitor?.settings), [form.values, monitor]);
  return (
    <>
      <PageHeader
        title={monitor ? m.edit({ name: monitor.settings.name }) : m.create({ type: names[type] })}
        crumbs={
          <AnchorLink to="/o/$org/monitors" params={{ org }} search={{}} size="sm">
            {list.monitors}
          </AnchorLink>
        }
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <form onSubmit={form.onSubmit} noValidate style={{ minWidth: 0 }}>
          <Stack gap="lg">
            <Sections form={form} />
            <FormProblem problem={form.problem} />
            <Actions monitor={monitor} isBusy={form.isBusy} />
          </Stack>
        </form>

        <Stack gap="xl" miw={0}>
          {isAsked(type) && <TryProbe spec={specOfSettings(settings)} />}
          <PreviewSection settings={settings} />
        </Stack>
      </SimpleGrid>
    </>
  );
}

function useMonitorForm(monitor: Monitor | undefined, type: MonitorType): MonitorForm {
  const m = useMessages(editorMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  return useDialogForm<MonitorValues>({
    initial: monitor ? valuesOf(monitor.settings) : newValues(type),
    rules: (values) => (values.name.trim() === "" ? { name: kit.required } : {}),
    explain: (error) => (error.code === "conflict" ? m.conflict : undefined),
    submit: async (values) => {
      const settings = settingsOf(values, monitor?.settings);
      const saved = monitor
        ? await call(changeMonitor, { params: { org, id: monitor.id }, body: { settings, basedOn: monitor.version } })
        : await call(createMonitor, { params: { org }, body: { settings } });
      toasts.show({ text: monitor ? m.saved : m.created({ name: saved.settings.name }) });
      await client.invalidateQueries({ queryKey: [org, "monitors"] });
      await client.invalidateQueries({ queryKey: [org, "monitor", saved.id] });
      await navigate({ to: "/o/$org/monitors/$id", params: { org, id: saved.id } });
    },
  });
}

const pointed: readonly MonitorType[] = ["host", "service", "expression", "query"];
const scoped: readonly MonitorType[] = ["host", "connectivity", "anomalyDetection"];
const isAsked = (type: MonitorType): boolean => type === "external" || probeTypes.some((one) => one === type);

function Sections({ form }: { readonly form: MonitorForm }) {
  const m = useMessages(editorMessages);
  const { type } = form.values;
  const asked = isAsked(type);
  return (
    <>
      {(asked || pointed.includes(type)) && (
        <PageSection title={m.what}>
          <Stack gap="md">{asked ? <ProbeFields form={form} /> : <WatchedFields form={form} />}</Stack>
        </PageSection>
      )}
      {scoped.includes(type) && (
        <PageSection title={m.where}>
          <Stack gap="md">
            <ScopeFields form={form} withoutExcluded={type === "anomalyDetection"} />
          </Stack>
        </PageSection>
      )}
      <PageSection title={m.when}>
        <Stack gap="md">
          {asked ? <ProbeConditionFields form={form} /> : <ConditionFields form={form} />}
          {asked && type !== "external" && <VantageFields form={form} />}
        </Stack>
      </PageSection>
      <PageSection title={m.telling}>
        <Stack gap="md">
          <TextField form={form} name="name" label={m.name} />
          <LongField form={form} name="memo" label={m.memo} hint={m.memoHint} />
          <NumberField
            form={form}
            name="notificationInterval"
            label={m.notificationInterval}
            hint={m.intervalHint}
            unit={m.minutes}
            min={10}
          />
          <FlagField form={form} name="isMute" label={m.isMute} />
        </Stack>
      </PageSection>
    </>
  );
}

function Actions({ monitor, isBusy }: { readonly monitor: Monitor | undefined; readonly isBusy: boolean }) {
  const m = useMessages(editorMessages);
  const org = useOrganisation().name;
  const navigate = useNavigate();
  const leave = (): void =>
    void (monitor
      ? navigate({ to: "/o/$org/monitors/$id", params: { org, id: monitor.id } })
      : navigate({ to: "/o/$org/monitors", params: { org }, search: {} }));
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={leave}>
        {m.cancel}
      </Button>
      <Button type="submit" loading={isBusy}>
        {monitor ? m.save : m.createAction}
      </Button>
    </Group>
  );
}
