import { Group, Text } from "@mantine/core";
import { IconPhoneCall } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { dutyNow } from "#wire/duty";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { AnchorLink } from "../../kit/links.tsx";
import { messages } from "./messages.ts";

/** Who is on duty now, in the head of every page; nothing where nobody keeps schedules. */
export function OnDutyChip({ org }: { readonly org: string }) {
  const m = useMessages(messages);
  const format = useFormat();
  const call = useCall();
  const { data } = useQuery({
    queryKey: [org, "duty", "now"],
    queryFn: ({ signal }) => call(dutyNow, { params: { org }, query: {} }, signal),
    refetchInterval: 60_000,
  });
  if (!data || data.schedules.length === 0) return undefined;
  const names = [...new Set(data.schedules.flatMap((one) => one.people.map((person) => person.name)))];
  const hasGap = data.schedules.some((one) => one.people.length === 0);
  const [first] = names;
  const short =
    first === undefined ? undefined : names.length === 1 ? first : m.andMore({ name: first, count: format.count(names.length - 1) });
  const text = short === undefined ? m.dutyNobody : m.dutyNowShort({ names: short });
  return (
    <AnchorLink to="/o/$org/duty" params={{ org }} size="sm" underline="hover" visibleFrom="sm" title={names.join(", ")}>
      <Group gap={6} wrap="nowrap" maw="18rem">
        <IconPhoneCall aria-hidden size={16} />
        <Text span size="sm" truncate {...(hasGap ? { style: { color: "var(--mantine-color-error)" } } : {})}>
          {text}
        </Text>
      </Group>
    </AnchorLink>
  );
}
