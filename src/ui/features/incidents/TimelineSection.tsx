import { Button, Group, Text, Textarea } from "@mantine/core";
import {
  IconArrowsSplit,
  IconBell,
  IconBellOff,
  IconBolt,
  IconSend,
  IconSendOff,
  IconCheck,
  IconCircleCheck,
  IconHandStop,
  IconMessage,
  IconPointFilled,
  IconRefresh,
  IconShieldCheck,
  IconUserShare,
  type Icon,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { commentIncident, getTimeline, type Incident, type TimelineEntry } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { TimeCell } from "../../kit/cells.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import classes from "./IncidentPage.module.css";
import { viaMessages } from "./messages.ts";
import { severityMessages } from "./severity-messages.ts";
import { timelineMessages } from "./timeline-messages.ts";
import { alertsIn, timelineText } from "./timeline-text.ts";
import { useIncidentChanged, via } from "./use-act.ts";

/** Rows in one page of the timeline. */
const pageSize = 50;
/** Names of alerts under one line; the section of alerts has all. */
const mostAlerts = 5;

/** Everything that happened to an incident, newest first, and room for a comment. */
export function TimelineSection({ incident }: { readonly incident: Incident }) {
  const m = useMessages(timelineMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [org, "incident", incident.id, "timeline"],
    queryFn: ({ signal, pageParam }) =>
      call(
        getTimeline,
        { params: { org, id: incident.id }, query: { limit: pageSize, ...(pageParam === "" ? {} : { before: pageParam }) } },
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (last) => (last.hasMore ? last.entries.at(-1)?.id : undefined),
  });
  const entries = data?.pages.flatMap((page) => page.entries);
  return (
    <PageSection title={m.timeline}>
      {incident.mayAct && <CommentForm incident={incident} />}
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {entries?.length === 0 && <Text size="sm">{m.empty}</Text>}
      <ol className={classes.entries}>
        {entries?.map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
      </ol>
      {hasNextPage && (
        <Button size="compact-sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {m.older}
        </Button>
      )}
    </PageSection>
  );
}

const icons: Readonly<Record<string, Icon>> = {
  opened: IconBolt,
  "alerts-joined": IconBell,
  "alerts-changed": IconBell,
  "alerts-closed": IconCheck,
  "severity-raised": IconBolt,
  taken: IconShieldCheck,
  passed: IconUserShare,
  declined: IconHandStop,
  snoozed: IconBellOff,
  resolved: IconCircleCheck,
  reopened: IconRefresh,
  commented: IconMessage,
  told: IconSend,
  asked: IconSend,
  "not-told": IconSendOff,
  split: IconArrowsSplit,
};

function Line({ entry }: { readonly entry: TimelineEntry }) {
  const m = useMessages(timelineMessages);
  const severity = useMessages(severityMessages);
  const how = useMessages(viaMessages);
  const format = useFormat();
  const Sign = icons[entry.kind] ?? IconPointFilled;
  const alerts = alertsIn(entry);
  // Who took it is in the sentence already.
  const isBySelf = entry.person !== undefined && entry.by === `person:${entry.person.id}`;
  const by = entry.byName === undefined || isBySelf ? "" : m.by({ name: entry.byName });
  const facts = [by, entry.via === "system" ? "" : how[entry.via]].filter((fact) => fact !== "");
  return (
    <li className={classes.entry}>
      <Sign aria-hidden size={18} className={classes.entryIcon} />
      <div className={classes.entryText}>
        <span>{timelineText(entry, { m, severity, format })}</span>
        <Text size="xs" c="dimmed" component="div">
          <TimeCell at={unixMs(entry.at)} isExact />
          {facts.length > 0 && ` · ${facts.join(" · ")}`}
        </Text>
        {alerts.slice(0, mostAlerts).map((alert, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- what a line holds never changes
          <Text key={at} size="xs" component="div">
            {[alert.name, alert.message].filter((part) => part !== "").join(": ")}
          </Text>
        ))}
        {entry.text !== "" && <p className={classes.words}>{entry.text}</p>}
      </div>
    </li>
  );
}

function CommentForm({ incident }: { readonly incident: Incident }) {
  const m = useMessages(timelineMessages);
  const call = useCall();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const form = useDialogForm({
    schema: commentIncident.body,
    initial: { text: "" },
    submit: async ({ text }) => {
      changed(await call(commentIncident, { params: { org, id: incident.id }, body: { text, via } }));
      form.reset();
    },
  });
  const isEmpty = form.values.text.trim() === "";
  return (
    <form onSubmit={form.onSubmit} noValidate>
      <Textarea
        {...form.text("text")}
        error={isEmpty ? undefined : form.text("text").error}
        aria-label={m.commentLabel}
        placeholder={m.commentLabel}
        autosize
        minRows={2}
        maxRows={12}
      />
      <FormProblem problem={form.problem} />
      <Group justify="flex-end" mt={6} mb="xs">
        <Button type="submit" size="compact-md" loading={form.isBusy} disabled={isEmpty}>
          {m.commentAction}
        </Button>
      </Group>
    </form>
  );
}
