import { Code, Modal, Stack, Text } from "@mantine/core";
import { unixMs } from "#base/duration";
import type { ZabbixHost } from "#wire/zabbix";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { StateCell, TimeCell } from "../../kit/cells.tsx";
import { DataTable } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";

type Unsupported = ZabbixHost["unsupported"][number];

/** What an agent cannot deliver, in its own words. */
export function UnsupportedDialog({ host, onClose }: { readonly host: ZabbixHost; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const title = m.showUnsupported({ name: host.name });
  const columns: readonly Column<Unsupported>[] = [
    { key: "item", header: m.item, isRowHeader: true, cell: (one) => <Code style={{ overflowWrap: "anywhere" }}>{one.key}</Code> },
    { key: "message", header: m.message, cell: (one) => one.message },
    {
      key: "effect",
      header: m.effect,
      cell: (one) => <StateCell tone={one.isReplaced ? "good" : "attention"} label={one.isReplaced ? m.replaced : m.notReplaced} />,
    },
    { key: "since", header: m.since, cell: (one) => <TimeCell at={unixMs(one.since)} /> },
  ];
  return (
    <Modal opened onClose={onClose} title={title} size="xl" closeButtonProps={{ "aria-label": kit.close }}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {m.unsupportedHint}
        </Text>
        <DataTable caption={title} columns={columns} rows={host.unsupported} rowKey={(one) => one.key} empty={undefined} />
      </Stack>
    </Modal>
  );
}
