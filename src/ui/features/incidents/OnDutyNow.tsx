import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { dutyNow } from "#wire/duty";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { messages } from "./messages.ts";

/** Who would be told now; nothing where nobody keeps schedules. */
export function OnDutyNow() {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "duty", "now"],
    queryFn: ({ signal }) => call(dutyNow, { params: { org }, query: {} }, signal),
  });
  if (!data || data.schedules.length === 0) return undefined;
  return (
    <Stack gap={2} align="center">
      <Text size="sm" fw={600}>
        {m.onDutyNow}
      </Text>
      {data.schedules.map((one) => (
        <Text key={one.scheduleId} size="sm">
          {`${one.scheduleName}: ${one.people.map((person) => person.name).join(", ") || m.nobodyOnDuty}`}
        </Text>
      ))}
    </Stack>
  );
}
