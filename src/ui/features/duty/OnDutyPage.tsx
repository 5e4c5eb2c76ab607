import { Badge, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconCalendarUser, IconPlus } from "@tabler/icons-react";
import { unixMs } from "#base/duration";
import type { DutyPerson, OnDutyNow } from "#wire/duty";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation, useSession } from "#kit/session";
import { EmptyState } from "../../kit/EmptyState.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { AnchorLink, ButtonLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { AbsencesSection } from "./AbsencesSection.tsx";
import { messages } from "./messages.ts";
import { MyShiftsSection } from "./MyShiftsSection.tsx";
import { SwapsSection } from "./SwapsSection.tsx";
import { TakeOverMenu } from "./TakeOverMenu.tsx";
import { useDutyNow } from "./use-duty.ts";

/** Who is responsible now and next on every schedule, and one's own shifts. */
export function OnDutyPage() {
  const m = useMessages(messages);
  const org = useOrganisation().name;
  const mayChange = useMay("duty.change");
  const { data, error, refetch } = useDutyNow();
  const createButton = mayChange && (
    <ButtonLink to="/o/$org/schedules/new" params={{ org }} leftSection={<IconPlus aria-hidden size={18} />}>
      {m.createSchedule}
    </ButtonLink>
  );
  if (error && !data) {
    return (
      <>
        <PageHeader title={m.title} intro={m.intro} />
        <ErrorState error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  const isEmpty = data?.schedules.length === 0;
  return (
    <>
      <PageHeader title={m.title} intro={m.intro}>
        {!isEmpty && createButton}
      </PageHeader>
      {isEmpty ? (
        <EmptyState title={m.none} hint={m.noneHint} icon={<IconCalendarUser aria-hidden size={36} />}>
          {createButton}
        </EmptyState>
      ) : (
        <Stack gap="xl">
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} component="section" aria-label={m.now}>
            {data?.schedules.map((schedule) => (
              <NowCard key={schedule.scheduleId} schedule={schedule} />
            ))}
          </SimpleGrid>
          <SwapsSection />
          <MyShiftsSection />
          <AbsencesSection />
        </Stack>
      )}
    </>
  );
}

const namesOf = (people: readonly DutyPerson[]): string => people.map((person) => person.name).join(", ");

function NowCard({ schedule }: { readonly schedule: OnDutyNow }) {
  const m = useMessages(messages);
  const format = useFormat();
  const org = useOrganisation().name;
  const mayChange = useMay("duty.change");
  const me = useSession().person.id;
  const { people, next, until } = schedule;
  const isMine = people.some((person) => person.id === me);
  const isGap = people.length === 0;
  return (
    <Paper withBorder p="md" component="article" {...(isGap ? { style: { borderColor: "var(--mantine-color-red-7)" } } : {})}>
      <Stack gap={6} h="100%">
        <AnchorLink to="/o/$org/schedules/$id" params={{ org, id: schedule.scheduleId }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {schedule.scheduleName}
        </AnchorLink>
        <Text size="xl" fw={650} {...(isGap ? { style: { color: "var(--mantine-color-error)" } } : {})}>
          {isGap ? m.nobody : namesOf(people)}
        </Text>
        {isMine && (
          <Badge variant="light" tt="none" w="max-content">
            {m.youAreOn}
          </Badge>
        )}
        <Text size="sm" c="dimmed">
          {until === undefined ? m.endless : m.untilTime({ time: format.dateTime(unixMs(until)) })}
        </Text>
        <Group justify="space-between" mt="auto" wrap="nowrap" align="flex-end">
          <Text size="sm">{until === undefined ? "" : `${m.next}: ${next.length === 0 ? m.nobodyNext : namesOf(next)}`}</Text>
          {mayChange && !isMine && <TakeOverMenu schedule={schedule} />}
        </Group>
      </Stack>
    </Paper>
  );
}
