import { Button, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { seconds, unixMs } from "#base/duration";
import { getAlert, getAlertLogs, type AlertLog } from "#wire/alerts";
import type { ResponseOf } from "#wire/contract";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { Dash, HostCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FactList } from "../../kit/FactList.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { judgedIn } from "./alert-graph-model.ts";
import { alertMessages } from "./alert-messages.ts";
import { AlertGraph } from "./AlertGraph.tsx";
import { AlertMemoDialog } from "./AlertMemoDialog.tsx";
import { AlertStatusBadge } from "./AlertStatusBadge.tsx";
import { CloseAlertsDialog } from "./CloseAlertsDialog.tsx";
import { SeverityBadge } from "./SeverityBadge.tsx";

type Alert = ResponseOf<typeof getAlert>;

/** One alert: what was found, against which thresholds, its graph and every change of it. */
export function AlertPage() {
  const m = useMessages(alertMessages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const mayChange = useMay("alert.change");
  const { id } = useParams({ from: "/signed-in/o/$org/alerts/$id" });
  const [open, setOpen] = useState<"close" | "memo">();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "alert", id],
    queryFn: ({ signal }) => call(getAlert, { params: { org, id } }, signal),
    refetchInterval: 60_000,
  });
  if (error && !data) return <ErrorState title={m.missing} error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const close = (): void => setOpen(undefined);
  return (
    <>
      <PageHeader
        title={data.name}
        crumbs={
          <AnchorLink to="/o/$org/alerts" params={{ org }} size="sm">
            {m.alerts}
          </AnchorLink>
        }
        beside={<AlertStatusBadge status={data.status} />}
      >
        {mayChange && (
          <Button variant="default" onClick={() => setOpen("memo")}>
            {m.editMemo}
          </Button>
        )}
        {mayChange && data.closedAt === undefined && <Button onClick={() => setOpen("close")}>{m.close}</Button>}
      </PageHeader>
      <Stack gap="lg">
        <Text style={{ overflowWrap: "anywhere" }}>{data.message}</Text>
        {data.memo !== "" && (
          <Text size="sm" maw="60rem" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {data.memo}
          </Text>
        )}
        <AlertGraph alert={data} detail={data.detail} titleOrder={2} />
        <Facts alert={data} />
        <Logs id={id} />
      </Stack>
      {open === "close" && <CloseAlertsDialog alerts={[data]} onClose={close} />}
      {open === "memo" && (
        <AlertMemoDialog alert={data} onSaved={() => void client.invalidateQueries({ queryKey: [org, "alert", id] })} onClose={close} />
      )}
    </>
  );
}

function Facts({ alert }: { readonly alert: Alert }) {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const now = useNow(seconds(15));
  const org = useOrganisation().name;
  const { host, service, incident, openedAt, closedAt, value, reason, isMuted, inhibitedBy } = alert;
  const { operator, warning, critical } = judgedIn(alert.detail);
  const threshold = (of: string, limit: number | undefined): string[] =>
    limit === undefined ? [] : [m.threshold({ of, operator: operator ?? "", value: format.si(limit) })];
  const thresholds = [...threshold(m.warning, warning), ...threshold(m.critical, critical)].join(", ");
  return (
    <FactList
      title={m.details}
      facts={[
        [m.severity, <SeverityBadge key="severity" severity={alert.severity} />],
        [m.host, host ? <HostCell key="host" org={org} id={host.id} name={host.name} /> : service?.name],
        [m.value, value === undefined ? undefined : format.si(value)],
        [m.thresholds, thresholds],
        [m.openedAt, <TimeCell key="opened" at={unixMs(openedAt)} isExact />],
        [m.closedAt, closedAt === undefined ? undefined : <TimeCell key="closed" at={unixMs(closedAt)} isExact />],
        [m.lasted, format.duration(Math.max(60_000, Math.floor(((closedAt ?? now) - openedAt) / 60_000) * 60_000))],
        [m.reason, reason],
        [m.muted, isMuted ? m.mutedHint : undefined],
        [m.inhibited({ host: inhibitedBy?.name ?? "" }), inhibitedBy?.name],
        [
          m.incident,
          incident && (
            <AnchorLink key="incident" to="/o/$org/incidents/$id" params={{ org, id: incident.id }} size="sm">
              {`#${incident.number} ${incident.title}`}
            </AnchorLink>
          ),
        ],
        [m.type, alert.type],
      ]}
    />
  );
}

const causes = [
  "monitoring",
  "manual",
  "monitorDelete",
  "hostRetire",
  "serviceDelete",
  "anomalyDetectionManuallyRetraining",
  "externalMonitoringServiceChange",
  "source",
] as const;

/** Lines of the log in one page. */
const pageSize = 50;

function Logs({ id }: { readonly id: string }) {
  const m = useMessages(alertMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const [page, setPage] = useState(1);
  const { data, error, refetch } = useQuery({
    queryKey: [org, "alert", id, "logs", page],
    queryFn: ({ signal }) => call(getAlertLogs, { params: { org, id }, query: { limit: pageSize, offset: (page - 1) * pageSize } }, signal),
  });
  const causeOf = ({ trigger }: AlertLog): string => {
    const known = causes.find((one) => one === trigger);
    return known === undefined ? trigger : m[known];
  };
  const columns: readonly Column<AlertLog>[] = [
    { key: "time", header: m.logTime, isRowHeader: true, cell: (log) => <TimeCell at={unixMs(log.at)} isExact /> },
    { key: "status", header: m.status, cell: (log) => <AlertStatusBadge status={log.status} /> },
    { key: "value", header: m.value, align: "end", cell: (log) => (log.value === undefined ? <Dash /> : format.si(log.value)) },
    { key: "message", header: m.message, cell: (log) => log.message || <Dash /> },
    { key: "why", header: m.logWhy, cell: causeOf },
  ];
  return (
    <PageSection title={m.log}>
      <DataTable
        caption={m.log}
        columns={columns}
        rows={data?.logs}
        rowKey={(log) => log.id}
        error={error}
        onRetry={() => void refetch()}
        empty={undefined}
        {...(data ? { paging: { page, pageSize, total: data.total, onPage: setPage } } : {})}
      />
    </PageSection>
  );
}
