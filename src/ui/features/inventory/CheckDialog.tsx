import { Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { listCheckReports, mostPerPage, type CheckReport } from "#wire/inventory";
import { useCall } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { checkTones } from "./check-tones.ts";
import { messages } from "./messages.ts";

export interface CheckDialogProps {
  readonly hostId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** What one check of a host reported, newest first. */
export function CheckDialog({ hostId, name, onClose }: CheckDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch } = useQuery({
    queryKey: [org, "host", hostId, "check-reports", name],
    queryFn: ({ signal }) => call(listCheckReports, { params: { org, id: hostId }, query: { name, limit: mostPerPage } }, signal),
  });
  const columns: readonly Column<CheckReport>[] = [
    { key: "at", header: m.checkedAt, isRowHeader: true, cell: (report) => <TimeCell at={unixMs(report.occurredAt)} isExact /> },
    { key: "status", header: m.status, cell: (report) => <StateCell tone={checkTones[report.status]} label={report.status} /> },
    {
      key: "message",
      header: m.message,
      cell: (report) => (
        <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {report.message.trimEnd()}
        </Text>
      ),
    },
  ];
  return (
    <Modal opened onClose={onClose} title={m.reportsOf({ name })} size="xl" closeButtonProps={{ "aria-label": kit.close }}>
      <DataTable
        caption={m.reportsOf({ name })}
        columns={columns}
        rows={data?.reports}
        rowKey={(report) => String(report.occurredAt)}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noReport}</NothingThere>}
      />
    </Modal>
  );
}
