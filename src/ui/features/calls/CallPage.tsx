import { Alert, Button, Paper, Stack, Text } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { endCall, getCall, hearCall, type Call, type CallEvent } from "#wire/calls";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FactList } from "../../kit/FactList.tsx";
import { AnchorLink } from "../../kit/links.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { PlayButton } from "../speech/PlayButton.tsx";
import { callMessages } from "./call-messages.ts";
import { CallStateCell, labelled } from "./call-state.tsx";

/** One call with what was said and pressed. */
export function CallPage() {
  const m = useMessages(callMessages);
  const call = useCall();
  const org = useOrganisation().name;
  const { id } = useParams({ from: "/signed-in/o/$org/calls/$id" });
  const { data, error, refetch } = useQuery({
    queryKey: [org, "call", id],
    queryFn: ({ signal }) => call(getCall, { params: { org, id } }, signal),
  });
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const name = data.call.personName ?? m.unknown;
  return (
    <>
      <PageHeader
        title={data.call.kind === "incoming" ? m.incomingTitle({ name }) : m.callTitle({ name })}
        beside={<CallStateCell call={data.call} />}
        crumbs={
          <AnchorLink to="/o/$org/calls" params={{ org }} size="sm">
            {m.title}
          </AnchorLink>
        }
      >
        {data.call.state !== "over" && <HangUp id={id} />}
      </PageHeader>
      <Stack gap="lg">
        {data.call.problem !== undefined && (
          <Alert variant="outline" color="yellow" style={{ overflowWrap: "anywhere" }}>
            {data.call.problem}
          </Alert>
        )}
        <Facts call={data.call} />
        <Timeline events={data.events} />
      </Stack>
    </>
  );
}

function HangUp({ id }: { readonly id: string }) {
  const m = useMessages(callMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const mayCall = useMay("call.make");
  const [isAsking, setAsking] = useState(false);
  if (!mayCall) return null;
  const hangUp = async (): Promise<void> => {
    await call(endCall, { params: { org, id } });
    toasts.show({ text: m.hungUp });
    await client.invalidateQueries({ queryKey: [org, "call", id] });
  };
  return (
    <>
      <Button variant="default" leftSection={<IconPhoneOff aria-hidden size={18} />} onClick={() => setAsking(true)}>
        {m.hangUp}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={m.hangUpTitle}
          text={m.hangUpText}
          action={m.hangUp}
          isDangerous
          onConfirm={hangUp}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Facts({ call }: { readonly call: Call }) {
  const m = useMessages(callMessages);
  const format = useFormat();
  const org = useOrganisation().name;
  const ask = useCall();
  const mayListen = useMay("call.listen");
  const hear = async (): Promise<string> => (await ask(hearCall, { params: { org, id: call.id } })).audio;
  const time = (at: number | undefined): string | undefined => (at === undefined ? undefined : format.exactDateTime(unixMs(at)));
  const incidents = call.incidentIds.map((id, index) => (
    <AnchorLink key={id} to="/o/$org/incidents/$id" params={{ org, id }} size="sm" mr="xs">
      {call.incidentIds.length === 1 ? m.incident : `${m.incident} ${index + 1}`}
    </AnchorLink>
  ));
  return (
    <FactList
      title={m.facts}
      facts={[
        [m.number, call.number === "" ? m.withheld : call.number],
        [m.why, m[`kind-${call.kind}`]],
        [m.incidents, incidents.length === 0 ? undefined : incidents],
        [m.ending, call.cause === undefined ? undefined : m[`cause-${call.cause}`]],
        [m.line, call.lineName],
        [m.language, m[`language-${call.language}`]],
        [m.when, time(call.askedAt)],
        [m.dialled, time(call.dialledAt)],
        [m.rang, time(call.rangAt)],
        [m.answered, time(call.answeredAt)],
        [m.ended, time(call.endedAt)],
        [m.length, call.seconds === undefined ? undefined : m.seconds({ count: format.count(call.seconds) })],
        [m.pressed, call.pressed],
        [m.recording, call.hasRecording && mayListen ? <PlayButton label={m.listen} load={hear} /> : undefined],
        [m.cost, call.cost === undefined || call.currency === undefined ? undefined : `${format.count(call.cost)} ${call.currency}`],
      ]}
    />
  );
}

function Timeline({ events }: { readonly events: readonly CallEvent[] }) {
  const m = useMessages(callMessages);
  const format = useFormat();
  return (
    <PageSection title={m.timeline} hint={m.timelineHint}>
      <Paper withBorder p="md">
        <Stack component="ol" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
          {events.map((event, index) => (
            <li key={`${event.at}.${index}`} style={{ display: "flex", gap: "var(--mantine-spacing-md)" }}>
              <Text span size="sm" c="dimmed" miw="4.5rem" style={{ fontVariantNumeric: "tabular-nums" }}>
                {format.exactTime(unixMs(event.at))}
              </Text>
              <Event event={event} />
            </li>
          ))}
        </Stack>
      </Paper>
    </PageSection>
  );
}

function Event({ event: { kind, said, detail } }: { readonly event: CallEvent }) {
  const m = useMessages(callMessages);
  const { key, action, cause } = detail;
  const beside = [
    typeof key === "string" ? m.key({ key }) : undefined,
    typeof action === "string" ? labelled(m, "action", action) : undefined,
    typeof cause === "string" && cause !== "" ? labelled(m, "cause", cause) : undefined,
  ].filter((one) => one !== undefined);
  return (
    <div style={{ minWidth: 0, overflowWrap: "anywhere" }}>
      <Text size="sm" fw={600}>
        {[labelled(m, "event", kind), ...beside].join(" · ")}
      </Text>
      {said?.map((sentence, index) => (
        <Text key={`${index}.${sentence}`} size="sm">
          {sentence}
        </Text>
      ))}
    </div>
  );
}
