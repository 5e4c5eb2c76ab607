import { ActionIcon, Badge, Button, Group } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconCopy, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { days, unixMs } from "#base/duration";
import { dayLength, parseDay } from "#base/wall-time";
import { deleteCalendar, listCalendarDays, type Calendar, type CalendarDay } from "#wire/duty";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { CalendarDialog } from "./CalendarDialog.tsx";
import { editorMessages } from "./editor-messages.ts";
import { dayAt } from "./timeline-model.ts";
import { useCalendarName, useCalendars, useRefresh } from "./use-duty.ts";

/** What a dialog is about: a calendar that is changed, one that is copied, or a new one. */
type Editing = { readonly change: Calendar } | { readonly copy: Calendar } | "new";

/** Working days and hours: the built-in calendars and the organisation's own. */
export function CalendarsPage() {
  const m = useMessages(editorMessages);
  const mayChange = useMay("duty.change");
  const { data, error, refetch } = useCalendars();
  const [editing, setEditing] = useState<Editing>();
  const [deleting, setDeleting] = useState<Calendar>();
  const [shownId, setShownId] = useState("business-days");
  const shown = data?.calendars.find((calendar) => calendar.id === shownId) ?? data?.calendars[0];
  const columns = useColumns({ mayChange, onShow: setShownId, onEdit: setEditing, onDelete: setDeleting });
  return (
    <>
      <PageHeader title={m.calendars} intro={m.calendarsIntro}>
        {mayChange && (
          <Button leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setEditing("new")}>
            {m.createCalendar}
          </Button>
        )}
      </PageHeader>
      <DataTable
        caption={m.calendars}
        columns={columns}
        rows={data?.calendars}
        rowKey={(calendar) => calendar.id}
        error={error}
        onRetry={() => void refetch()}
        empty={<NothingThere>{m.calendars}</NothingThere>}
      />
      {shown && <YearSection calendar={shown} />}
      {editing && (
        <CalendarDialog
          calendar={editing === "new" ? undefined : "copy" in editing ? editing.copy : editing.change}
          isCopy={editing !== "new" && "copy" in editing}
          onClose={() => setEditing(undefined)}
        />
      )}
      {deleting && <DeleteCalendarDialog calendar={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  );
}

interface Acts {
  readonly mayChange: boolean;
  readonly onShow: (id: string) => void;
  readonly onEdit: (editing: Editing) => void;
  readonly onDelete: (calendar: Calendar) => void;
}

function useColumns({ mayChange, onShow, onEdit, onDelete }: Acts): readonly Column<Calendar>[] {
  const m = useMessages(editorMessages);
  const format = useFormat();
  const nameOf = useCalendarName();
  const rulesText = (calendar: Calendar): string => {
    const rules = calendar.versions.at(-1);
    if (!rules) return "";
    const week = [1, 2, 3, 4, 5, 6, 0].filter((day) => rules.workdays.includes(day)).map((day) => format.weekday(day));
    return [week.join(" "), rules.holidays === "jp" ? m.withHolidays : ""].filter(Boolean).join(", ");
  };
  const hoursText = (calendar: Calendar): string =>
    (calendar.versions.at(-1)?.hours ?? []).map(({ from, to }) => `${from}–${to}`).join(", ");
  return [
    {
      key: "name",
      header: m.name,
      isRowHeader: true,
      cell: (calendar) => (
        <Group gap="xs">
          <Button variant="transparent" size="compact-sm" px={0} onClick={() => onShow(calendar.id)}>
            {nameOf(calendar)}
          </Button>
          {calendar.isBuiltIn && (
            <Badge variant="default" tt="none" fw={400}>
              {m.builtIn}
            </Badge>
          )}
        </Group>
      ),
    },
    { key: "days", header: m.workdays, cell: rulesText },
    { key: "hours", header: m.hours, cell: hoursText },
    { key: "memo", header: m.memo, cell: (calendar) => calendar.memo },
    ...(mayChange
      ? [
          {
            key: "acts",
            header: m.edit,
            isHeaderHidden: true,
            cell: (calendar: Calendar) => <RowActs calendar={calendar} onEdit={onEdit} onDelete={onDelete} />,
          },
        ]
      : []),
  ];
}

function RowActs({ calendar, onEdit, onDelete }: Pick<Acts, "onEdit" | "onDelete"> & { readonly calendar: Calendar }) {
  const m = useMessages(editorMessages);
  const name = useCalendarName()(calendar);
  const look = { variant: "subtle", color: "gray" } as const;
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <ActionIcon {...look} aria-label={m.copyOf({ name })} onClick={() => onEdit({ copy: calendar })}>
        <IconCopy aria-hidden size={16} />
      </ActionIcon>
      {!calendar.isBuiltIn && (
        <>
          <ActionIcon {...look} aria-label={m.editOf({ name })} onClick={() => onEdit({ change: calendar })}>
            <IconPencil aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon {...look} aria-label={m.deleteOf({ name })} onClick={() => onDelete(calendar)}>
            <IconTrash aria-hidden size={16} />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

/** The days of a year that are not what their day of the week says. */
function YearSection({ calendar }: { readonly calendar: Calendar }) {
  const m = useMessages(editorMessages);
  const { language } = useLanguage();
  const call = useCall();
  const org = useOrganisation().name;
  const format = useFormat();
  const now = useNow(days(1));
  const thisYear = new Date(dayAt(now, format.timeZone) * dayLength).getUTCFullYear();
  const [year, setYear] = useState(thisYear);
  const query = { from: `${String(year)}-01-01`, to: `${String(year)}-12-31` };
  const { data, error, refetch } = useQuery({
    queryKey: [org, "duty", "calendar-days", calendar.id, query],
    queryFn: ({ signal }) => call(listCalendarDays, { params: { org, id: calendar.id }, query }, signal),
  });
  const kindOf = (day: CalendarDay): string => (day.isWorking ? m.dayWorking : day.isHoliday ? m.dayHoliday : m.dayClosed);
  const dateOf = (day: CalendarDay): string => {
    const index = parseDay(day.date) ?? 0;
    // Noon in UTC lies on that date in nearly every zone; the text comes from the date itself.
    return `${day.date} (${format.weekday(new Date(unixMs(index * dayLength)).getUTCDay())})`;
  };
  const columns: readonly Column<CalendarDay>[] = [
    { key: "date", header: m.date, isRowHeader: true, cell: dateOf, csv: (day) => day.date },
    { key: "name", header: m.name, cell: (day) => day.name?.[language] ?? "", csv: (day) => day.name?.[language] },
    { key: "kind", header: m.kind, cell: kindOf, csv: kindOf },
  ];
  const title = m.yearOf({ name: useCalendarName()(calendar), year: String(year) });
  const steps = (
    <Group gap={4}>
      <ActionIcon variant="default" aria-label={m.earlierYear} onClick={() => setYear(year - 1)}>
        <IconChevronLeft aria-hidden size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={m.laterYear} onClick={() => setYear(year + 1)}>
        <IconChevronRight aria-hidden size={16} />
      </ActionIcon>
    </Group>
  );
  return (
    <div style={{ marginTop: "var(--mantine-spacing-xl)" }}>
      <PageSection title={title} hint={m.yearHint} actions={steps}>
        <DataTable
          caption={title}
          columns={columns}
          rows={data?.days.filter((day) => day.name !== undefined)}
          rowKey={(day) => day.date}
          error={error}
          onRetry={() => void refetch()}
          empty={<NothingThere>{m.noNamedDays}</NothingThere>}
          csvName={title}
        />
      </PageSection>
    </div>
  );
}

function DeleteCalendarDialog({ calendar, onClose }: { readonly calendar: Calendar; readonly onClose: () => void }) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const { id, name } = calendar;
  const remove = async (): Promise<void> => {
    await call(deleteCalendar, { params: { org, id } });
    toasts.show({ text: m.deleted({ name }) });
    await refresh();
  };
  return (
    <ConfirmDialog
      title={m.deleteCalendarTitle({ name })}
      text={m.deleteCalendarText}
      action={m.deleteCalendar}
      isDangerous
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
