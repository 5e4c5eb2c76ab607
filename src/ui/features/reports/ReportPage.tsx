import { ActionIcon, Anchor, Badge, Button, Group, Menu, Skeleton, Stack, Text } from "@mantine/core";
import { IconDots, IconDownload, IconSend, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { deleteReport, type ReportSending, type ReportSummary, type SendingState } from "#wire/reports";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { problemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { StateCell, TimeCell, type Tone } from "../../kit/cells.tsx";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { ReportSectionView } from "./ReportSectionView.tsx";
import { SendReportDialog } from "./SendReportDialog.tsx";
import { useRefreshReports, useReport, useReportFile } from "./use-reports.ts";

/** A report as it was made, in the reader's language; every figure opens what it counts. */
export function ReportPage() {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const { id } = useParams({ from: "/signed-in/o/$org/reports/$id" });
  const { data, error, refetch } = useReport(id);
  const crumbs = (
    <AnchorLink to="/o/$org/reports" params={{ org }}>
      {m.title}
    </AnchorLink>
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={400} />;
  const { report, document, sendings } = data;
  return (
    <>
      <PageHeader
        title={document.title}
        intro={document.subtitle}
        crumbs={crumbs}
        beside={
          !report.isComplete && (
            <Badge variant="light" tt="none">
              {m.partial}
            </Badge>
          )
        }
      >
        <Actions report={report} isSent={sendings.length > 0} />
      </PageHeader>
      <Group component="nav" gap="6px 16px" mb="lg" aria-label={m.contents}>
        {document.sections.map((section) => (
          <Anchor key={section.id} href={`#${section.id}`} size="sm">
            {section.title}
          </Anchor>
        ))}
      </Group>
      <Stack gap="xl">
        {document.sections.map((section) => (
          <ReportSectionView key={section.id} section={section} />
        ))}
        {sendings.length > 0 && <Sendings sendings={sendings} />}
      </Stack>
    </>
  );
}

function Actions({ report: { id, period }, isSent }: { readonly report: ReportSummary; readonly isSent: boolean }) {
  const m = useMessages(messages);
  const mayChange = useMay("report.change");
  const [open, setOpen] = useState<"send" | "delete">();
  return (
    <>
      <Downloads id={id} />
      {mayChange && (
        <Button leftSection={<IconSend aria-hidden size={18} />} onClick={() => setOpen("send")}>
          {m.send}
        </Button>
      )}
      {mayChange && !isSent && (
        <Menu position="bottom-end" withArrow>
          <Menu.Target>
            <ActionIcon variant="default" size="input-sm" aria-label={m.more}>
              <IconDots aria-hidden size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconTrash aria-hidden size={16} />} color="red" onClick={() => setOpen("delete")}>
              {m.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {open === "send" && <SendReportDialog id={id} period={period} onClose={() => setOpen(undefined)} />}
      {open === "delete" && <DeleteDialog id={id} period={period} onClose={() => setOpen(undefined)} />}
    </>
  );
}

const formats = ["pdf", "html", "csv"] as const;

function Downloads({ id }: { readonly id: string }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const toasts = useToasts();
  const fetchFile = useReportFile(id);
  const [busy, setBusy] = useState<(typeof formats)[number]>();
  const fetchOne = async (format: (typeof formats)[number]): Promise<void> => {
    setBusy(format);
    try {
      await fetchFile(format);
    } catch (error) {
      toasts.show({ text: problemText(error, kit), kind: "problem" });
    } finally {
      setBusy(undefined);
    }
  };
  return (
    <Group gap={4} role="group" aria-label={m.downloads}>
      {formats.map((format) => (
        <Button
          key={format}
          variant="default"
          leftSection={<IconDownload aria-hidden size={16} />}
          loading={busy === format}
          onClick={() => void fetchOne(format)}
        >
          {m[format]}
        </Button>
      ))}
    </Group>
  );
}

interface DeleteProps {
  readonly id: string;
  readonly period: string;
  readonly onClose: () => void;
}

function DeleteDialog({ id, period, onClose }: DeleteProps) {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshReports();
  const navigate = useNavigate();
  const org = useOrganisation().name;
  const remove = async (): Promise<void> => {
    await call(deleteReport, { params: { org, id } });
    toasts.show({ text: m.removed });
    await navigate({ to: "/o/$org/reports", params: { org } });
    await refresh();
  };
  return (
    <ConfirmDialog
      title={m.removeTitle({ period })}
      text={m.removeText}
      action={m.remove}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}

const tones: Readonly<Record<SendingState, Tone>> = { pending: "waiting", sent: "good", failed: "bad" };

/** To whom it went. */
function Sendings({ sendings }: { readonly sendings: readonly ReportSending[] }) {
  const m = useMessages(messages);
  const names: Readonly<Record<SendingState, string>> = { pending: m.statePending, sent: m.stateSent, failed: m.stateFailed };
  const rows = sendings.map((sending, index) => ({ ...sending, key: String(index) }));
  const columns: readonly Column<(typeof rows)[number]>[] = [
    { key: "name", header: m.recipient, isRowHeader: true, cell: ({ name }) => name },
    {
      key: "state",
      header: m.state,
      cell: ({ state, problem }) => (
        <Stack gap={0}>
          <StateCell tone={tones[state]} label={names[state]} />
          {problem !== undefined && (
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {problem}
            </Text>
          )}
        </Stack>
      ),
    },
    { key: "at", header: m.at, cell: ({ at }) => <TimeCell at={unixMs(at)} absent="" /> },
  ];
  return (
    <PageSection title={m.recipients}>
      <DataTable caption={m.recipients} columns={columns} rows={rows} rowKey={({ key }) => key} empty={m.notSent} />
    </PageSection>
  );
}
