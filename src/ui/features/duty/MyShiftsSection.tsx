import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { days, addTime, minutes, unixMs } from "#base/duration";
import { listPersonShifts, type PersonShift } from "#wire/duty";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
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

/** One question holds for a quarter of an hour, so that the page does not ask at each tick. */
const quarter = minutes(15);
const pageSize = 10;

/** When somebody is on duty in the next 60 days, over all schedules. */
export function usePersonShifts(personId: string | undefined) {
  const call = useCall();
  const org = useOrganisation().name;
  const now = useNow(minutes(1));
  const from = unixMs(Math.floor(now / quarter) * quarter);
  const query = { from, to: addTime(from, days(60)) };
  return useQuery({
    queryKey: [org, "duty", "person", personId, query],
    queryFn: ({ signal }) => call(listPersonShifts, { params: { org, id: personId ?? "" }, query }, signal),
    enabled: personId !== undefined,
  });
}

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
