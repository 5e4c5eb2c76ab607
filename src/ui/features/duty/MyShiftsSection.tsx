import { Button } from "@mantine/core";
import { useState } from "react";
import { unixMs } from "#base/duration";
import type { PersonShift } from "#wire/duty";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation, useSession } from "#kit/session";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { FeedButton } from "./FeedDialog.tsx";
import { messages } from "./messages.ts";
import { SwapDialog } from "./SwapDialog.tsx";
import { usePersonShifts } from "./use-duty.ts";

const pageSize = 10;

export function MyShiftsSection() {
  const m = useMessages(messages);
  const me = useSession().person.id;
  const mayChange = useMay("duty.change");
  const { data, error, refetch } = usePersonShifts(me);
  const [swapping, setSwapping] = useState<PersonShift>();
  const [page, setPage] = useState(1);
  const columns = useColumns(mayChange ? setSwapping : undefined);
  return (
    <PageSection title={m.myShifts} hint={m.myShiftsHint} actions={mayChange && <FeedButton personId={me} />}>
      <DataTable
        caption={m.myShifts}
        columns={columns}
        rows={data?.shifts.slice((page - 1) * pageSize, page * pageSize)}
        rowKey={(shift) => `${shift.scheduleId}-${shift.from}`}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.noShifts}</NothingThere>}
        {...(data && data.shifts.length > pageSize ? { paging: { page, pageSize, total: data.shifts.length, onPage: setPage } } : {})}
      />
      {swapping && <SwapDialog shift={swapping} onClose={() => setSwapping(undefined)} />}
    </PageSection>
  );
}

function useColumns(onSwap: ((shift: PersonShift) => void) | undefined): readonly Column<PersonShift>[] {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const time = (at: number): string => format.dateTime(unixMs(at));
  return [
    {
      key: "schedule",
      header: m.schedule,
      isRowHeader: true,
      cell: (shift) => (
        <AnchorLink to="/o/$org/schedules/$id" params={{ org, id: shift.scheduleId }} size="sm" fw={500}>
          {shift.scheduleName}
        </AnchorLink>
      ),
    },
    { key: "from", header: m.from, cell: (shift) => time(shift.from) },
    { key: "to", header: m.to, cell: (shift) => time(shift.to) },
    ...(onSwap
      ? [
          {
            key: "swap",
            header: m.askSwap,
            isHeaderHidden: true,
            cell: (shift: PersonShift) => (
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => onSwap(shift)}
                aria-label={m.askSwapOf({ name: shift.scheduleName, time: time(shift.from) })}
              >
                {m.askSwap}
              </Button>
            ),
          },
        ]
      : []),
  ];
}
