import { unixMs } from "#base/duration";
import type { ZabbixRefusal } from "#wire/zabbix";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { Column } from "#kit/table-model";
import { Dash, TimeCell } from "../../kit/cells.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";

/** Who was not let in, so that whoever sets up an agent sees why. */
export function RefusalSection({ refusals }: { readonly refusals: readonly ZabbixRefusal[] }) {
  const m = useMessages(messages);
  const format = useFormat();
  const columns: readonly Column<ZabbixRefusal>[] = [
    { key: "address", header: m.address, isRowHeader: true, cell: (one) => one.address },
    { key: "reason", header: m.reason, cell: (one) => m[`reason-${one.reason}`] },
    { key: "told", header: m.told, cell: (one) => one.name || <Dash /> },
    { key: "times", header: m.times, align: "end", cell: (one) => format.count(one.count) },
    { key: "when", header: m.when, cell: (one) => <TimeCell at={unixMs(one.at)} /> },
  ];
  return (
    <PageSection title={m.refusals} hint={m.refusalsHint}>
      <DataTable
        caption={m.refusals}
        columns={columns}
        rows={refusals}
        rowKey={(one) => `${one.address} ${one.reason} ${one.name}`}
        empty={<NothingThere>{m.noRefusals}</NothingThere>}
      />
    </PageSection>
  );
}
