import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { getTimeline, type Incident, type TimelineEntry } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { PageSection } from "../../kit/PageSection.tsx";
import classes from "./IncidentPage.module.css";
import { messages, viaMessages } from "./messages.ts";

/** How somebody came to have it, and until when. */
interface Stint {
  readonly id: string;
  readonly name: string;
  readonly from: number;
  readonly until: number | undefined;
  readonly via: TimelineEntry["via"];
}

/** Who had an incident one after the other, from the lines of its timeline in their order. */
export function stintsOf(newestFirst: readonly TimelineEntry[]): Stint[] {
  const stints: Stint[] = [];
  for (const entry of newestFirst.toReversed()) {
    const last = stints.at(-1);
    const ends = ["taken", "passed", "released", "resolved"].includes(entry.kind);
    if (ends && last && last.until === undefined) stints[stints.length - 1] = { ...last, until: entry.at };
    const begins = entry.kind === "taken" || entry.kind === "passed" || (entry.kind === "reopened" && entry.person !== undefined);
    if (begins && entry.person) stints.push({ id: entry.id, name: entry.person.name, from: entry.at, until: undefined, via: entry.via });
  }
  return stints;
}

/** Who had it, one after the other. Nothing while it is one or none: then the head of the page says it all. */
export function Responders({ incident }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const how = useMessages(viaMessages);
  const format = useFormat();
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "incident", incident.id, "timeline", "responders"],
    queryFn: ({ signal }) => call(getTimeline, { params: { org, id: incident.id }, query: { limit: 200 } }, signal),
  });
  const stints = stintsOf(data?.entries ?? []);
  if (stints.length < 2) return undefined;
  return (
    <PageSection title={m.responders}>
      <ol className={classes.entries}>
        {stints.map((stint) => (
          <li key={stint.id}>
            <Text size="sm" component="span" fw={500}>
              {stint.name}
            </Text>
            <Text size="sm" c="dimmed" component="span" ml={8}>
              {`${format.dateTime(unixMs(stint.from))} – ${stint.until === undefined ? "" : format.dateTime(unixMs(stint.until))} · ${how[stint.via]}`}
            </Text>
          </li>
        ))}
      </ol>
    </PageSection>
  );
}
