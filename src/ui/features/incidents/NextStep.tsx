import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { seconds, unixMs, type UnixMs } from "#base/duration";
import { listRuns, type EscalationRun } from "#wire/escalation";
import type { Incident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages, type Messages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import classes from "./IncidentPage.module.css";
import { nextMessages } from "./next-messages.ts";
import { countdown, targetText, type NamesById } from "./targets.ts";

type Texts = typeof nextMessages extends Messages<infer T> ? Messages<T>["en"] : never;

/** What happens next, and when: "in 1:40 Tanaka is told". Counts down by itself. */
export function NextStep({ incident }: { readonly incident: Incident }) {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "incident", incident.id, "escalation"],
    queryFn: ({ signal }) => call(listRuns, { params: { org, id: incident.id } }, signal),
    refetchInterval: 30_000,
  });
  const run = data?.runs.find((one) => one.state !== "done");
  // The place is kept while it is not known yet, so that nothing under it jumps.
  return (
    <div className={classes.detail} style={{ minHeight: "1.4em" }}>
      {run && data && <Coming run={run} names={data.names} />}
    </div>
  );
}

function Coming({ run, names }: { readonly run: EscalationRun; readonly names: NamesById }) {
  const m = useMessages(nextMessages);
  const format = useFormat();
  const now = useNow(seconds(1));
  return <Text size="sm">{comingText(run, names, now, m, (at) => format.dateTime(unixMs(at)))}</Text>;
}

function comingText(run: EscalationRun, names: NamesById, now: UnixMs, m: Texts, absolute: (at: number) => string): string {
  const { nextAt } = run;
  if (run.state === "paused" || nextAt === undefined) return m.paused;
  if (run.isHeld) return m.held({ time: absolute(nextAt) });
  const who = run.nextTargets.map((target) => targetText(target, names, m)).join(m.and);
  const left = Math.ceil((nextAt - now) / 1000);
  if (left <= 0) return who === "" ? m.nextNow : m.toldNow({ who });
  const time = countdown(left);
  return who === "" ? m.nextIn({ time }) : m.toldIn({ time, who });
}
