import { Text } from "@mantine/core";
import { seconds, unixMs } from "#base/duration";
import type { Incident } from "#wire/incidents";
import { useNow } from "#kit/clock";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useSession } from "#kit/session";
import classes from "./IncidentPage.module.css";
import { messages, viaMessages } from "./messages.ts";
import { NextStep } from "./NextStep.tsx";

/** Who has it, in big; that nobody does, in red and in words. Says also what happens next. */
export function ResponderPanel({ incident }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const format = useFormat();
  const now = useNow(seconds(15));
  const { person } = useSession();
  const { state, responder, snoozedUntil, resolvedAt, openedAt } = incident;
  const who =
    state === "resolved"
      ? m.wasResolved
      : responder === undefined
        ? m.nobodyHas
        : responder.id === person.id
          ? m.youHave
          : m.has({ name: responder.name });
  const look = state === "resolved" ? "over" : responder === undefined ? "nobody" : responder.id === person.id ? "yours" : "somebody";
  return (
    <div className={classes.panel} data-state={look} role="status">
      <div className={classes.who}>{who}</div>
      <Since incident={incident} />
      {resolvedAt !== undefined && (
        <Text size="sm">
          {m.wasResolvedAt({
            time: format.dateTime(unixMs(resolvedAt)),
            length: format.duration(Math.max(60_000, Math.floor((resolvedAt - openedAt) / 60_000) * 60_000)),
          })}
        </Text>
      )}
      {snoozedUntil !== undefined && snoozedUntil > now && (
        <Text size="sm" fw={600}>
          {m.snoozed({ time: format.dateTime(unixMs(snoozedUntil)) })}
        </Text>
      )}
      {state === "open" && <NextStep incident={incident} />}
    </div>
  );
}

function Since({ incident: { state, takenAt, takenVia } }: { readonly incident: Incident }) {
  const m = useMessages(messages);
  const how = useMessages(viaMessages);
  const format = useFormat();
  if (state !== "taken" || takenAt === undefined) return undefined;
  return <Text size="sm">{m.hasSince({ time: format.time(unixMs(takenAt)), how: how[takenVia ?? "system"] })}</Text>;
}
