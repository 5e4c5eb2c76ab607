import { Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconFileAnalytics, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { unixMs } from "#base/duration";
import type { ReportSummary } from "#wire/reports";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { MakeReportDialog } from "./MakeReportDialog.tsx";
import { messages } from "./messages.ts";
import { ReportSettingsDialog } from "./ReportSettingsDialog.tsx";
import { reportsPageSize, useReports, useReportSettings } from "./use-reports.ts";

/** Reports that were made, and when the next one is sent by itself. */
export function ReportsPage() {
  const m = useMessages(messages);
  const mayChange = useMay("report.change");
  const [page, setPage] = useState(1);
  const [isMaking, setMaking] = useState(false);
  const { data, error, refetch, isPlaceholderData } = useReports(page);
  const columns = useColumns();
  const make = mayChange && (
    <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setMaking(true)}>
      {m.make}
    </Button>
  );
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {data?.total !== 0 && make}
      </PageHeader>
      {mayChange && <Sending />}
      <DataTable
        caption={m.title}
        columns={columns}
        rows={data?.reports}
        rowKey={({ id }) => id}
        error={error}
        onRetry={() => void refetch()}
        isRefreshing={isPlaceholderData}
        empty={
          <EmptyState title={m.none} hint={m.noneHint} icon={<IconFileAnalytics aria-hidden size={36} />}>
            {make}
          </EmptyState>
        }
        {...(data ? { paging: { page, pageSize: reportsPageSize, total: data.total, onPage: setPage } } : {})}
      />
      {isMaking && data && <MakeReportDialog thisMonth={data.thisMonth} onClose={() => setMaking(false)} />}
    </>
  );
}

/** When and to whom the next one goes. */
function Sending() {
  const m = useMessages(messages);
  const format = useFormat();
  const [isChanging, setChanging] = useState(false);
  const { data } = useReportSettings();
  if (!data) return null;
  const { settings, nextAt } = data;
  const text =
    nextAt === undefined
      ? m.scheduleOff
      : m.scheduleOn({
          time: format.dateTime(unixMs(nextAt)),
          people: format.count(settings.personIds.length),
          addresses: format.count(settings.addresses.length),
          channels: format.count(settings.channelIds.length),
        });
  return (
    <Paper component="section" withBorder p="sm" mb="md" aria-label={m.schedule}>
      <Group justify="space-between" gap="sm">
        <Stack gap={0} miw={0}>
          <Title order={2} size="h5">
            {m.schedule}
          </Title>
          <Text size="sm">{text}</Text>
        </Stack>
        <Button variant="default" size="compact-sm" onClick={() => setChanging(true)} aria-label={`${m.schedule}: ${m.changeSchedule}`}>
          {m.changeSchedule}
        </Button>
      </Group>
      {isChanging && <ReportSettingsDialog settings={settings} onClose={() => setChanging(false)} />}
    </Paper>
  );
}

function useColumns(): readonly Column<ReportSummary>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  return [
    {
      key: "period",
      header: m.period,
      isRowHeader: true,
      cell: ({ id, period, isComplete }) => (
        <Group gap={6}>
          <AnchorLink to="/o/$org/reports/$id" params={{ org, id }} aria-label={m.open({ period })}>
            {period}
          </AnchorLink>
          {!isComplete && (
            <Badge variant="light" size="sm" tt="none">
              {m.partial}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "madeAt", header: m.madeAt, cell: ({ madeAt }) => <TimeCell at={unixMs(madeAt)} absent="" /> },
    {
      key: "madeBy",
      header: m.madeBy,
      cell: ({ madeBy, madeByName }) => madeByName ?? (madeBy.startsWith("system:") ? m.bySchedule : madeBy),
    },
    { key: "language", header: m.language, cell: ({ language }) => (language === "ja" ? m.japanese : m.english) },
    { key: "incidents", header: m.incidents, align: "end", cell: ({ incidents }) => format.count(incidents) },
    {
      key: "sent",
      header: m.sent,
      cell: ({ sent, failed }) => (
        <>
          {sent === 0 && failed === 0 ? m.notSent : m.sentTo({ count: format.count(sent) })}
          {failed > 0 && (
            <Text span size="sm" c="red" ml={6}>
              {m.failedTo({ count: format.count(failed) })}
            </Text>
          )}
        </>
      ),
    },
  ];
}
