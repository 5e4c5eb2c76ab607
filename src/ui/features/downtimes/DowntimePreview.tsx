import { List, Paper, Text } from "@mantine/core";
import { unixMs, type UnixMs } from "#base/duration";
import { parseDay, weekdayOf } from "#base/wall-time";
import { useFormat, type Format } from "#kit/format";
import { useMessages } from "#kit/messages";
import type { Times } from "./downtime-form.ts";
import { messages } from "./messages.ts";
import { usePreview } from "./use-downtimes.ts";
import { rangeText } from "./words.ts";

const mostShown = 5;

const dayName = (at: UnixMs, format: Format): string => format.weekday(weekdayOf(parseDay(format.localInput(at).slice(0, 10)) ?? 0));

/** When the downtime that is being typed would hold next, as the server works it out: over clock changes and month ends. */
export function DowntimePreview({ times }: { readonly times: Times | undefined }) {
  const m = useMessages(messages);
  const format = useFormat();
  const { data } = usePreview(times);
  return (
    <Paper withBorder p="sm" role="region" aria-label={m.preview}>
      <Text size="sm" fw={600}>
        {m.preview}
      </Text>
      <div aria-live="polite">
        {data && data.windows.length === 0 && <Text size="sm">{m.previewNone}</Text>}
        {data && data.windows.length > 0 && (
          <List size="sm" mt={4}>
            {data.windows.slice(0, mostShown).map(({ from, to }) => (
              <List.Item key={from}>
                {`${dayName(unixMs(from), format)} ${rangeText({ from: unixMs(from), to: unixMs(to) }, m, format)} (${format.duration(to - from)})`}
              </List.Item>
            ))}
          </List>
        )}
      </div>
      {data && (
        <Text size="xs" c="dimmed" mt={4}>
          {m.previewZone({ zone: data.timeZone })}
        </Text>
      )}
    </Paper>
  );
}
