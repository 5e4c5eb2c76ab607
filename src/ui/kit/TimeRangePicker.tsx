import { ActionIcon, Badge, Button, Group, NativeSelect, Popover, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconCalendar, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { fromSeconds, seconds, toSeconds, unixSeconds } from "#base/duration";
import { useClock, useNow } from "#kit/clock";
import { useFormat, type Format } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { defaultPreset, isLive, presets, presetSeconds, presetText, shift, spanOf, type RangeSearch } from "#kit/range";

export interface TimeRangePickerProps {
  readonly value: RangeSearch;
  readonly onChange: (range: RangeSearch) => void;
}

/** Chooses the time range of a page; the page keeps it in its URL. */
export function TimeRangePicker({ value, onChange }: TimeRangePickerProps) {
  const m = useMessages(kitMessages);
  const format = useFormat();
  const clock = useClock();
  const isMoving = isLive(value);
  const options: { value: string; label: string }[] = presets.map((preset) => ({
    value: preset,
    label: m.lastRange({ length: presetText(preset, format.language) }),
  }));
  if (!isMoving) options.unshift({ value: "", label: m.customRange });
  const choose = (text: string): void => {
    const preset = presets.find((name) => name === text);
    if (preset !== undefined) onChange({ range: preset });
  };
  return (
    <Group gap={6} role="group" aria-label={m.timeRange} wrap="wrap">
      {isMoving ? (
        <Tooltip label={m.liveHint} withArrow>
          <Badge variant="dot" color="green" tt="none" size="lg">
            {m.live}
          </Badge>
        </Tooltip>
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => onChange({ range: defaultPreset })}>
          {m.backToLive}
        </Button>
      )}
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={m.earlier}
        title={m.earlier}
        onClick={() => onChange(shift(value, clock.now(), -1))}
      >
        <IconChevronLeft aria-hidden size={18} />
      </ActionIcon>
      <NativeSelect
        aria-label={m.timeRange}
        data={options}
        value={isMoving ? (value.range ?? defaultPreset) : ""}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={m.later}
        title={m.later}
        disabled={isMoving}
        onClick={() => onChange(shift(value, clock.now(), 1))}
      >
        <IconChevronRight aria-hidden size={18} />
      </ActionIcon>
      <CustomRange value={value} onChange={onChange} />
    </Group>
  );
}

/** From and to by hand. What is shown at the button is the span that is on the screen. */
function CustomRange({ value, onChange }: TimeRangePickerProps) {
  const m = useMessages(kitMessages);
  const format = useFormat();
  const now = useNow(seconds(30));
  const [isOpen, setOpen] = useState(false);
  const span = spanOf(value, now);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" withArrow trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" px="xs" leftSection={<IconCalendar aria-hidden size={16} />} onClick={() => setOpen((open) => !open)}>
          {spanText(span.from, span.to, format)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={m.customRange}>
        <CustomRangeForm
          from={span.from}
          to={span.to}
          onApply={(range) => {
            onChange(range);
            setOpen(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function spanText(from: number, to: number, format: Format): string {
  const [start, end] = [fromSeconds(unixSeconds(from)), fromSeconds(unixSeconds(to))];
  if (to - from > presetSeconds["3d"]) return `${format.date(start)} – ${format.date(end)}`;
  if (format.date(start) === format.date(end)) return `${format.monthDay(start)} ${format.time(start)} – ${format.time(end)}`;
  return `${format.monthDay(start)} ${format.time(start)} – ${format.monthDay(end)} ${format.time(end)}`;
}

interface CustomRangeFormProps {
  readonly from: number;
  readonly to: number;
  readonly onApply: (range: RangeSearch) => void;
}

function CustomRangeForm({ from, to, onApply }: CustomRangeFormProps) {
  const m = useMessages(kitMessages);
  const format = useFormat();
  const [start, setStart] = useState(() => format.localInput(fromSeconds(unixSeconds(from))));
  const [end, setEnd] = useState(() => format.localInput(fromSeconds(unixSeconds(to))));
  const [startAt, endAt] = [format.parseLocalInput(start), format.parseLocalInput(end)];
  const isRight = startAt !== undefined && endAt !== undefined && startAt < endAt;
  const onSubmit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isRight) onApply({ from: toSeconds(startAt), to: toSeconds(endAt) });
  };
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="sm">
        <TextInput
          type="datetime-local"
          label={m.from}
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          type="datetime-local"
          label={m.to}
          value={end}
          onChange={(event) => setEnd(event.currentTarget.value)}
          error={startAt !== undefined && endAt !== undefined && startAt >= endAt ? m.endsBeforeStart : undefined}
        />
        <Text size="xs" c="dimmed">
          {m.zoneHint({ zone: format.timeZone })}
        </Text>
        <Button type="submit" disabled={!isRight}>
          {m.apply}
        </Button>
      </Stack>
    </form>
  );
}
