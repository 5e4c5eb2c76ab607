import { Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { minutes } from "#base/duration";
import { dayLength, wallClock } from "#base/wall-time";
import { previewSchedule } from "#wire/duty";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { PageSection } from "../../kit/PageSection.tsx";
import { editorMessages } from "./editor-messages.ts";
import { crewOf } from "./people.ts";
import { PlanView } from "./PlanView.tsx";
import { Warnings } from "./QualitySection.tsx";
import { inputOf, type Draft } from "./schedule-draft.ts";
import { dayAt } from "./timeline-model.ts";
import { useZoneFormat } from "./use-duty.ts";

const shownDays = 28;
const settles = 400;

/** What the draft would be: asked of the server a moment after the last change. */
export function DraftPreview({ draft, scheduleId }: { readonly draft: Draft; readonly scheduleId: string | undefined }) {
  const m = useMessages(editorMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const now = useNow(minutes(10));
  const { layers, timeZone } = inputOf(draft);
  const [asked] = useDebouncedValue(JSON.stringify({ layers, timeZone }), settles);
  const clock = wallClock(timeZone);
  const today = dayAt(now, timeZone);
  const range = { from: clock.toInstant(today * dayLength), to: clock.toInstant((today + shownDays) * dayLength) };
  const { data, error } = useQuery({
    queryKey: [org, "duty", "preview", asked, range, scheduleId],
    queryFn: ({ signal }) => {
      const body = { layers, timeZone, ...range, ...(scheduleId === undefined ? {} : { scheduleId }) };
      return call(previewSchedule, { params: { org }, body }, signal);
    },
    placeholderData: keepPreviousData,
    enabled: layers.length > 0,
    retry: false,
  });
  const format = useZoneFormat(data?.timeZone);
  if (layers.length === 0) return undefined;
  return (
    <PageSection title={m.preview} hint={m.previewHint}>
      {error && <Text size="sm">{m.previewWrong}</Text>}
      {data && (
        <Stack gap="md">
          <PlanView name={draft.name === "" ? m.newSchedule : draft.name} plan={data} crew={crewOf(data.people)} format={format} />
          <Warnings warnings={data.warnings} crew={crewOf(data.people)} format={format} layers={layers.map((layer) => layer.name)} />
        </Stack>
      )}
    </PageSection>
  );
}
