import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { copyMonitor, deleteMonitor, getMonitor, muteMonitors, type MonitorDetail, type MonitorTarget } from "#wire/monitors";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FactList } from "../../kit/FactList.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { AlertStatusBadge } from "../incidents/AlertStatusBadge.tsx";
import { useConditions } from "./condition.ts";
import { ProbeResults } from "../probes/ProbeResults.tsx";
import { isProbed } from "../probes/spec-of.ts";
import { messages } from "./messages.ts";
import { PreviewSection } from "./Preview.tsx";
import { typeMessages } from "./type-messages.ts";

/** One rule: what it watches, and what it says of each of its targets. */
export function MonitorPage() {
  const { id } = useParams({ from: "/signed-in/o/$org/monitors/$id" });
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "monitor", id],
    queryFn: ({ signal }) => call(getMonitor, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return undefined;
  const { settings } = data;
  const isPreviewed = settings.type === "host" || settings.type === "service" || settings.type === "expression";
  return (
    <>
      <PageHeader
        title={settings.name}
        crumbs={
          <AnchorLink to="/o/$org/monitors" params={{ org }} search={{}} size="sm">
            {m.monitors}
          </AnchorLink>
        }
        beside={
          <Group gap={6}>
            <AlertStatusBadge status={data.status} />
            {settings.isMute === true && <StateCell tone="off" label={m.muted} />}
          </Group>
        }
      >
        <Actions monitor={data} />
      </PageHeader>
      <Stack gap="xl">
        <Waiting monitor={data} />
        <Facts monitor={data} />
        <Targets monitor={data} />
        {isProbed(settings) && <ProbeResults monitorId={data.id} />}
        {isPreviewed && <PreviewSection settings={settings} />}
      </Stack>
    </>
  );
}

function Actions({ monitor }: { readonly monitor: MonitorDetail }) {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const mayChange = useMay("monitor.change");
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const { mute, copy, remove } = useActs(monitor);
  const { id, settings } = monitor;
  const isMuted = settings.isMute ?? false;
  return (
    <>
      <Button
        variant="default"
        onClick={() => void navigate({ to: "/o/$org/alerts", params: { org }, search: { origin: id, state: "all" } })}
      >
        {m.alerts}
      </Button>
      {mayChange && (
        <>
          <Button variant="default" title={m.muteText} onClick={() => void mute(!isMuted)}>
            {isMuted ? m.unmute : m.mute}
          </Button>
          <Button variant="default" onClick={() => void copy()}>
            {m.copy}
          </Button>
          <Button variant="default" color="red" onClick={() => setDeleting(true)}>
            {m.remove}
          </Button>
          <Button onClick={() => void navigate({ to: "/o/$org/monitors/$id/edit", params: { org, id } })}>{m.edit}</Button>
        </>
      )}
      {isDeleting && (
        <ConfirmDialog
          title={m.removeTitle({ name: settings.name })}
          text={m.removeText}
          action={m.remove}
          isDangerous
          onConfirm={remove}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  );
}

function useActs({ id, settings }: MonitorDetail) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const refresh = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: [org, "monitors"] });
    await client.invalidateQueries({ queryKey: [org, "monitor", id] });
  };
  const trying = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
  };
  return {
    mute: (isMute: boolean) =>
      trying(async () => {
        await call(muteMonitors, { params: { org }, body: { ids: [id], isMute } });
        const count = format.count(1);
        toasts.show({ text: isMute ? m.mutedNow({ count }) : m.unmutedNow({ count }) });
        await refresh();
      }),
    copy: () =>
      trying(async () => {
        const made = await call(copyMonitor, { params: { org, id }, body: {} });
        toasts.show({ text: m.copied({ name: made.settings.name }) });
        await navigate({ to: "/o/$org/monitors/$id/edit", params: { org, id: made.id } });
      }),
    remove: async (): Promise<void> => {
      await call(deleteMonitor, { params: { org, id } });
      toasts.show({ text: m.removed({ name: settings.name }) });
      await client.invalidateQueries({ queryKey: [org, "monitors"] });
      await navigate({ to: "/o/$org/monitors", params: { org }, search: {} });
    },
  };
}

/** Why the rule judges nothing at present. */
function Waiting({ monitor: { waiting, training } }: { readonly monitor: MonitorDetail }) {
  const m = useMessages(messages);
  const format = useFormat();
  if (waiting === undefined) return undefined;
  const text = { "no-target": m.noTargets, "not-trained": m.notTrained, unsupported: m.unsupported }[waiting];
  const progress = training && m.training({ days: format.count(training.days), needs: format.count(training.needsDays) });
  return (
    <Alert variant="outline" color="gray">
      {text} {waiting === "not-trained" && progress}
    </Alert>
  );
}

function Facts({ monitor: { settings, training, waiting } }: { readonly monitor: MonitorDetail }) {
  const m = useMessages(messages);
  const names = useMessages(typeMessages);
  const format = useFormat();
  const { conditionOf, scopeOf } = useConditions();
  const interval = settings.notificationInterval;
  const learnt =
    training && waiting === undefined
      ? m.trained({
          samples: format.count(training.samples),
          days: format.count(training.days),
          at: format.dateTime(unixMs(training.trainedAt)),
        })
      : undefined;
  return (
    <FactList
      title={m.settings}
      facts={[
        [m.type, names[settings.type]],
        [m.condition, conditionOf(settings)],
        [m.scope, scopeOf(settings)],
        [m.renotify, interval === undefined ? m.never : m.renotifyEvery({ minutes: format.count(interval) })],
        [
          m.memo,
          settings.memo ? (
            <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
              {settings.memo}
            </Text>
          ) : undefined,
        ],
        [m.learning, learnt],
      ]}
    />
  );
}

function Targets({ monitor }: { readonly monitor: MonitorDetail }) {
  const m = useMessages(messages);
  const columns = useTargetColumns();
  return (
    <PageSection title={m.targets}>
      <DataTable
        caption={m.targets}
        columns={columns}
        rows={monitor.targetList}
        rowKey={(target) => target.key}
        csvName={`${monitor.settings.name} ${m.targets}`}
        empty={<NothingThere>{m.noTargets}</NothingThere>}
      />
    </PageSection>
  );
}

function useTargetColumns(): readonly Column<MonitorTarget>[] {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  return [
    {
      key: "target",
      header: m.target,
      isRowHeader: true,
      csv: ({ name }) => name,
      cell: ({ name, hostId }) =>
        hostId === undefined ? (
          name || "—"
        ) : (
          <AnchorLink to="/o/$org/hosts/$id" params={{ org, id: hostId }} size="sm" fw={500}>
            {name}
          </AnchorLink>
        ),
    },
    { key: "status", header: m.status, csv: ({ status }) => status, cell: ({ status }) => <AlertStatusBadge status={status} /> },
    { key: "message", header: m.message, csv: ({ message }) => message, cell: ({ message }) => message },
    {
      key: "since",
      header: m.since,
      cell: ({ changedAt }) => (changedAt === undefined ? "—" : <TimeCell at={unixMs(changedAt)} />),
    },
  ];
}
