import { Button, Menu } from "@mantine/core";
import { IconHandGrab } from "@tabler/icons-react";
import { addTime, hours, unixMs, type UnixMs } from "#base/duration";
import { createOverride, type OnDutyNow } from "#wire/duty";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation, useSession } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";
import { useRefresh } from "./use-duty.ts";

const choices = [1, 2, 4, 8, 12];

/** Two presses: whoever presses is on duty instead of everybody, for some hours or until the shift ends. */
export function TakeOverMenu({ schedule }: { readonly schedule: OnDutyNow }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const clock = useClock();
  const toasts = useToasts();
  const problemText = useProblemText();
  const refresh = useRefresh();
  const org = useOrganisation().name;
  const me = useSession().person.id;
  const { scheduleId, scheduleName: name, until } = schedule;
  const take = async (from: UnixMs, to: UnixMs): Promise<void> => {
    try {
      const body = { kind: "replace" as const, personId: me, from, to };
      await call(createOverride, { params: { org, id: scheduleId }, body });
      toasts.show({ text: m.tookOver({ name, time: format.dateTime(to) }) });
      await refresh();
    } catch (error) {
      toasts.show({ text: problemText(error), kind: "problem" });
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconHandGrab aria-hidden size={16} />} aria-label={m.takeOverOf({ name })}>
          {m.takeOver}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((count) => (
          <Menu.Item
            key={count}
            onClick={() => {
              const now = clock.now();
              void take(now, addTime(now, hours(count)));
            }}
          >
            {m.forHours({ hours: format.count(count) })}
          </Menu.Item>
        ))}
        {until !== undefined && (
          <Menu.Item onClick={() => void take(clock.now(), unixMs(until))}>
            {m.untilEnd({ time: format.dateTime(unixMs(until)) })}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
