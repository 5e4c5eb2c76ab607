import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconPencil, IconUserPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { addTime, hours, minutes } from "#base/duration";
import { dateText, parseDay } from "#base/wall-time";
import { listShifts, type Plan, type Schedule } from "#wire/duty";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import type { Format } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { FeedButton } from "./FeedDialog.tsx";
import { messages } from "./messages.ts";
import { OverrideDialog } from "./OverrideDialog.tsx";
import { OverridesSection } from "./OverridesSection.tsx";
import { crewOf } from "./people.ts";
import { PlanView } from "./PlanView.tsx";
import { QualitySection } from "./QualitySection.tsx";
import { ScheduleMenu } from "./ScheduleMenu.tsx";
import { dayAt, rangeOf, stepped, views, type View } from "./timeline-model.ts";
import type { Picked } from "./Timeline.tsx";
import { useSchedule, useZoneFormat } from "./use-duty.ts";

/** One schedule: its calendar, what overrides it, what is wrong with it. */
export function SchedulePage() {
  const m = useMessages(messages);
  const { id } = useParams({ from: "/signed-in/o/$org/schedules/$id" });
  const { data: schedule, error, refetch } = useSchedule(id);
  if (!schedule) {
    return (
      <>
        <PageHeader title={m.schedule} />
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      </>
    );
  }
  return <LoadedSchedule key={id} schedule={schedule} />;
}

function LoadedSchedule({ schedule }: { readonly schedule: Schedule }) {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const mayChange = useMay("duty.change");
  const format = useZoneFormat(schedule.timeZone);
  const now = useNow(minutes(1));
  const [picked, setPicked] = useState<Picked>();
  const { data: plan, range, isPlaceholderData, error, refetch } = useShownPlan(schedule);
  const crew = crewOf([...(plan?.people ?? []), ...schedule.people]);
  const crumb = (
    <AnchorLink key="duty" to="/o/$org/duty" params={{ org }} size="sm">
      {m.title}
    </AnchorLink>
  );
  return (
    <>
      <PageHeader title={schedule.name} crumbs={[crumb]} intro={schedule.memo === "" ? undefined : schedule.memo}>
        {mayChange && (
          <>
            <FeedButton scheduleId={schedule.id} />
            <ScheduleMenu schedule={schedule} />
            <ButtonLink
              variant="default"
              to="/o/$org/schedules/$id/edit"
              params={{ org, id: schedule.id }}
              leftSection={<IconPencil aria-hidden size={18} />}
            >
              {m.edit}
            </ButtonLink>
            <Button
              leftSection={<IconUserPlus aria-hidden size={18} />}
              onClick={() => setPicked({ from: now, to: addTime(now, hours(4)), people: [] })}
            >
              {m.override}
            </Button>
          </>
        )}
      </PageHeader>
      <Stack gap="xl">
        <Stack gap="xs" aria-busy={isPlaceholderData}>
          <CalendarBar schedule={schedule} format={format} />
          {error && !plan && <ErrorState error={error} onRetry={() => void refetch()} />}
          {plan && <PlanView name={schedule.name} plan={plan} crew={crew} format={format} onPick={mayChange ? setPicked : undefined} />}
          {plan && <HolidayLine plan={plan} />}
          {mayChange && (
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {m.dragHint}
            </Text>
          )}
        </Stack>
        <QualitySection schedule={schedule} format={format} colours={crew} />
        <OverridesSection schedule={schedule} from={range.from} format={format} />
      </Stack>
      {picked && <OverrideDialog schedule={schedule} picked={picked} crew={crew} format={format} onClose={() => setPicked(undefined)} />}
    </>
  );
}

function useShown(schedule: Schedule): { readonly view: View; readonly day: number } {
  const search = useSearch({ from: "/signed-in/o/$org/schedules/$id" });
  const now = useNow(minutes(10));
  const today = dayAt(now, schedule.timeZone);
  return { view: search.view ?? "month", day: search.day === undefined ? today : (parseDay(search.day) ?? today) };
}

function useShownPlan(schedule: Schedule) {
  const call = useCall();
  const org = useOrganisation().name;
  const { view, day } = useShown(schedule);
  const range = rangeOf(view, day, schedule.timeZone);
  const query = useQuery({
    queryKey: [org, "duty", "shifts", schedule.id, range],
    queryFn: ({ signal }) => call(listShifts, { params: { org, id: schedule.id }, query: range }, signal),
    placeholderData: keepPreviousData,
  });
  return { ...query, range };
}

function CalendarBar({ schedule, format }: { readonly schedule: Schedule; readonly format: Format }) {
  const m = useMessages(messages);
  const navigate = useNavigate({ from: "/o/$org/schedules/$id" });
  const { view, day } = useShown(schedule);
  const range = rangeOf(view, day, schedule.timeZone);
  const go = (to: string | undefined): void => void navigate({ search: { view, day: to }, replace: true });
  const last = addTime(range.to, minutes(-1));
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="xs">
        <Button variant="default" size="xs" px={8} aria-label={m.earlier} onClick={() => go(stepped(view, day, -1))}>
          <IconChevronLeft aria-hidden size={16} />
        </Button>
        <Button variant="default" size="xs" onClick={() => go(undefined)}>
          {m.today}
        </Button>
        <Button variant="default" size="xs" px={8} aria-label={m.later} onClick={() => go(stepped(view, day, 1))}>
          <IconChevronRight aria-hidden size={16} />
        </Button>
        <Text fw={600} component="h2" size="md" m={0}>
          {`${format.date(range.from)} – ${format.date(last)}`}
        </Text>
        <Text size="sm" c="dimmed">
          {m.zone({ zone: schedule.timeZone })}
        </Text>
      </Group>
      <SegmentedControl
        size="xs"
        aria-label={m.view}
        value={view}
        data={views.map((value) => ({ value, label: m[value] }))}
        onChange={(value) => {
          const next = views.find((one) => one === value);
          void navigate({ search: { view: next, day: dateText(day) }, replace: true });
        }}
      />
    </Group>
  );
}

/** Holidays by name: the columns of a month are too narrow for them. */
function HolidayLine({ plan }: { readonly plan: Plan }) {
  const m = useMessages(messages);
  const { language } = useLanguage();
  const named = plan.days.filter((day) => day.name !== undefined);
  if (named.length === 0) return undefined;
  const text = named
    .map((day) => `${day.date.slice(5).replace("-", "/").replaceAll(/\b0/gu, "")} ${day.name?.[language] ?? ""}`)
    .join(" · ");
  return (
    <Text size="sm" visibleFrom="sm">
      {`${m.holidays}: ${text}`}
    </Text>
  );
}
