import { Button, Group, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { unixMs } from "#base/duration";
import { useFormat } from "#kit/format";
import { useMessages, defineMessages } from "#kit/messages";

const messages = defineMessages({
  en: {
    within: (p: { from: string; to: string }) => `Begun between ${p.from} and ${p.to}`,
    taken: "Only what one person had",
    clear: "Show all",
  },
  ja: {
    within: (p: { from: string; to: string }) => `${p.from} ～ ${p.to} に始まったもの`,
    taken: "特定の担当者のものだけ",
    clear: "絞り込みを解除",
  },
});

interface Within {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly takenBy?: string | undefined;
}

export interface OpenedWithinProps {
  readonly search: Within;
  readonly onClear: () => void;
}

/** Says that a list shows a span of time, as the link of a report asked for, and takes the limit away. */
export function OpenedWithin({ search: { from, to, takenBy }, onClear }: OpenedWithinProps) {
  const m = useMessages(messages);
  const format = useFormat();
  if (from === undefined && to === undefined && takenBy === undefined) return null;
  const time = (at: number | undefined): string => (at === undefined ? "" : format.dateTime(unixMs(at)));
  return (
    <Group gap="xs" mb="sm">
      <Text size="sm">
        {[
          ...(from === undefined && to === undefined ? [] : [m.within({ from: time(from), to: time(to) })]),
          ...(takenBy === undefined ? [] : [m.taken]),
        ].join(" · ")}
      </Text>
      <Button size="compact-sm" variant="default" leftSection={<IconX aria-hidden size={14} />} onClick={onClear}>
        {m.clear}
      </Button>
    </Group>
  );
}
