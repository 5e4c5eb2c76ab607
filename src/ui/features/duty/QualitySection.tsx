import { Alert, List, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { listWarnings, type DutyLoad, type DutyWarning, type Schedule } from "#wire/duty";
import { useCall } from "#kit/call";
import type { Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { crewOf, type Crew } from "./people.ts";
import classes from "./Timeline.module.css";

export interface QualitySectionProps {
  readonly schedule: Schedule;
  /** In the schedule's zone. */
  readonly format: Format;
  /** Whose colours people have in the calendar. */
  readonly colours: Crew;
}

/** What is wrong in the next 30 days, and how the load is shared. */
export function QualitySection({ schedule, format, colours }: QualitySectionProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "duty", "warnings", schedule.id],
    queryFn: ({ signal }) => call(listWarnings, { params: { org, id: schedule.id }, query: {} }, signal),
  });
  if (!data) return undefined;
  const crew = crewOf(data.people);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <PageSection title={m.warnings}>
        <Warnings warnings={data.warnings} crew={crew} format={format} layers={schedule.layers.map((layer) => layer.name)} />
      </PageSection>
      <PageSection title={m.load} hint={m.loadHint}>
        <LoadTable load={data.load} crew={crew} colours={colours} format={format} />
      </PageSection>
    </SimpleGrid>
  );
}

interface WarningsProps {
  readonly warnings: readonly DutyWarning[];
  readonly crew: Crew;
  readonly format: Format;
  readonly layers: readonly string[];
}

const mostShown = 12;

export function Warnings({ warnings, crew, format, layers }: WarningsProps) {
  const m = useMessages(messages);
  const textOf = useWarningText(crew, format, layers);
  if (warnings.length === 0) {
    return (
      <Alert variant="light" color="green" icon={<IconCircleCheck aria-hidden size={18} />}>
        {m.noWarnings}
      </Alert>
    );
  }
  const isBad = warnings.some((warning) => warning.kind === "gap" || warning.kind === "nobody-reachable");
  return (
    <Alert variant="light" color={isBad ? "red" : "yellow"} icon={<IconAlertTriangle aria-hidden size={18} />}>
      <Stack gap={4}>
        <List size="sm" spacing={4}>
          {warnings.slice(0, mostShown).map((warning) => (
            <List.Item key={JSON.stringify(warning)}>{textOf(warning)}</List.Item>
          ))}
        </List>
        {warnings.length > mostShown && <Text size="sm">{`+ ${format.count(warnings.length - mostShown)}`}</Text>}
      </Stack>
    </Alert>
  );
}

function useWarningText(crew: Crew, format: Format, layers: readonly string[]): (warning: DutyWarning) => string {
  const m = useMessages(messages);
  const times = ({ from, to }: { readonly from: number; readonly to: number }) => ({
    from: format.dateTime(unixMs(from)),
    to: format.dateTime(unixMs(to)),
  });
  return (warning) => {
    switch (warning.kind) {
      case "gap":
        return m.warnGap(times(warning));
      case "nobody-reachable":
        return m.warnNobodyReachable(times(warning));
      case "no-people":
        return m.warnNoPeople({ layer: layers[warning.layer] ?? "" });
      case "suspended":
        return m.warnSuspended({ person: crew.nameOf(warning.personId) });
      case "left":
        return m.warnLeft({ person: crew.nameOf(warning.personId) });
      case "absent":
        return m.warnAbsent({ person: crew.nameOf(warning.personId), ...times(warning) });
      case "unreachable":
        return m.warnUnreachable({ person: crew.nameOf(warning.personId) });
      case "unbalanced": {
        const person = crew.nameOf(warning.personId);
        return warning.what === "nights" ? m.warnNights({ person }) : m.warnDaysOff({ person });
      }
    }
  };
}

interface LoadTableProps {
  readonly load: readonly DutyLoad[];
  readonly crew: Crew;
  readonly colours: Crew;
  readonly format: Format;
}

function LoadTable({ load, crew, colours, format }: LoadTableProps) {
  const m = useMessages(messages);
  const hoursOf = (count: number): string => m.hourUnit({ hours: format.count(Math.round(count / 60)) });
  const columns: readonly Column<DutyLoad>[] = [
    {
      key: "person",
      header: m.person,
      isRowHeader: true,
      cell: ({ personId }) => (
        <>
          <span aria-hidden className={classes.swatch} style={{ background: colours.colourOf(personId) }} />
          {crew.nameOf(personId)}
        </>
      ),
    },
    { key: "hours", header: m.hours, align: "end", sortValue: (one) => one.minutes, cell: (one) => hoursOf(one.minutes) },
    { key: "nights", header: m.nights, align: "end", sortValue: (one) => one.nightMinutes, cell: (one) => hoursOf(one.nightMinutes) },
    { key: "off", header: m.daysOff, align: "end", sortValue: (one) => one.dayOffMinutes, cell: (one) => hoursOf(one.dayOffMinutes) },
    { key: "shifts", header: m.shifts, align: "end", sortValue: (one) => one.shifts, cell: (one) => format.count(one.shifts) },
  ];
  return (
    <DataTable
      caption={m.load}
      columns={columns}
      rows={load}
      rowKey={(one) => one.personId}
      empty={<NothingThere>{m.nobody}</NothingThere>}
    />
  );
}
