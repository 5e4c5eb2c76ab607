import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { acceptSwap, declineSwap, listSchedules, listSwaps, withdrawSwap, type Swap } from "#wire/duty";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation, useSession } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { PageSection } from "../../kit/PageSection.tsx";
import { messages } from "./messages.ts";
import { crewOf, type Crew } from "./people.ts";
import { useRefresh } from "./use-duty.ts";

/** Swaps that wait for somebody; nothing while there is none. */
export function SwapsSection() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "duty", "swaps"],
    queryFn: async ({ signal }) => {
      const [swaps, { schedules }] = await Promise.all([
        call(listSwaps, { params: { org }, query: {} }, signal),
        call(listSchedules, { params: { org } }, signal),
      ]);
      return { ...swaps, names: new Map(schedules.map((schedule) => [schedule.id, schedule.name])) };
    },
  });
  if (!data || data.swaps.length === 0) return undefined;
  const crew = crewOf(data.people);
  return (
    <PageSection title={m.swaps}>
      <Stack gap="xs">
        {data.swaps.map((swap) => (
          <SwapCard key={swap.id} swap={swap} crew={crew} schedule={data.names.get(swap.scheduleId) ?? ""} />
        ))}
      </Stack>
    </PageSection>
  );
}

function SwapCard({ swap, crew, schedule }: { readonly swap: Swap; readonly crew: Crew; readonly schedule: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const me = useSession().person.id;
  const mayChange = useMay("duty.change");
  const act = useSwapAct(swap.id);
  const text = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    `${format.dateTime(unixMs(from))} – ${format.dateTime(unixMs(to))}`;
  const giver = crew.nameOf(swap.personId);
  const waiting = [swap.personId, swap.otherId].filter((id) => !swap.acceptedBy.includes(id));
  const isAsked = waiting.includes(me);
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="sm">
        <Stack gap={2} miw={0}>
          <Text size="sm">{m.swapText({ giver, other: crew.nameOf(swap.otherId), schedule, time: text(swap.give) })}</Text>
          {swap.take && <Text size="sm">{m.swapReturn({ giver, time: text(swap.take) })}</Text>}
          {swap.reason !== "" && <Text size="sm">{`${m.reason}: ${swap.reason}`}</Text>}
          <Text size="sm" c="dimmed">
            {m.waitsFor({ names: waiting.map(crew.nameOf).join(", ") })}
          </Text>
        </Stack>
        {mayChange && (
          <Group gap="xs">
            {isAsked && (
              <>
                <Button size="xs" onClick={() => act("accept")}>
                  {m.accept}
                </Button>
                <Button size="xs" variant="default" onClick={() => act("decline")}>
                  {m.decline}
                </Button>
              </>
            )}
            {!isAsked && (
              <Button size="xs" variant="default" onClick={() => act("withdraw")}>
                {m.withdraw}
              </Button>
            )}
          </Group>
        )}
      </Group>
    </Paper>
  );
}

function useSwapAct(id: string): (what: "accept" | "decline" | "withdraw") => void {
  const m = useMessages(messages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const acts = { accept: acceptSwap, decline: declineSwap, withdraw: withdrawSwap } as const;
  const done = { accept: m.accepted, decline: m.declined, withdraw: m.withdrawn } as const;
  const run = async (what: keyof typeof acts): Promise<void> => {
    try {
      await call(acts[what], { params: { org, id } });
      toasts.show({ text: done[what] });
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
    await refresh();
  };
  return (what) => void run(what);
}
