import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { unixMs } from "#base/duration";
import type { IncidentAction } from "#wire/alerting";
import { confirmAct, getAct, type Act } from "#wire/acts";
import { CallError, useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { FormatProvider } from "../../kit/FormatProvider.tsx";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { ButtonLink } from "../../kit/links.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { GuestLayout } from "../../layouts/GuestLayout.tsx";
import { SeverityBadge } from "../incidents/SeverityBadge.tsx";
import { messages } from "./messages.ts";

/** What somebody sees who opened a link of a notification, on a phone in the night: what it is, who has it, one big button. */
export function ActPage() {
  const m = useMessages(messages);
  const call = useCall();
  const { adopt } = useLanguage();
  const { token } = useParams({ from: "/act/$token" });
  const { data, error, refetch } = useQuery({
    queryKey: ["act", token],
    queryFn: ({ signal }) => call(getAct, { params: { token } }, signal),
    refetchInterval: 15_000,
  });
  const language = data?.person.language;
  useEffect(() => {
    if (language !== undefined) adopt(language);
  }, [language, adopt]);
  if (error && !data) return <Invalid error={error} onRetry={() => void refetch()} />;
  if (!data) return <RoutePending />;
  const intro = m.forPerson({ name: data.person.name, organisation: data.organisation.displayName });
  return (
    <FormatProvider timeZone={data.person.timeZone}>
      <GuestLayout title={m.incident({ number: String(data.incident.number) })} intro={intro}>
        <About act={data} />
        <Answer token={token} act={data} />
      </GuestLayout>
    </FormatProvider>
  );
}

/** The link is too old, or none of ours. */
function Invalid({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const m = useMessages(messages);
  const code = error instanceof CallError ? error.code : "";
  if (code === "forbidden") {
    return (
      <GuestLayout title={m.refusedTitle} intro={m.refusedText}>
        <ButtonLink to="/login">{m.signIn}</ButtonLink>
      </GuestLayout>
    );
  }
  if (code === "gone" || code === "not-found" || code === "bad-request" || code === "invalid-input") {
    return (
      <GuestLayout title={code === "gone" ? m.expiredTitle : m.invalidTitle} intro={code === "gone" ? m.expiredText : m.invalidText}>
        <ButtonLink to="/login">{m.signIn}</ButtonLink>
      </GuestLayout>
    );
  }
  return (
    <GuestLayout title={m.failedTitle}>
      <ErrorState error={error} onRetry={onRetry} />
    </GuestLayout>
  );
}

/** The incident, as short as it can be. */
function About({ act: { incident } }: { readonly act: Act }) {
  const m = useMessages(messages);
  const format = useFormat();
  const more = incident.alertCount - incident.alerts.length;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <SeverityBadge severity={incident.severity} />
        <Text size="sm" c="dimmed">
          {m.openFor({ time: format.dateTime(unixMs(incident.openedAt)) })}
        </Text>
      </Group>
      <Text fw={650} size="lg" style={{ overflowWrap: "anywhere" }}>
        {incident.title}
      </Text>
      {incident.alerts.map((alert, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- alerts of one name on one host may be several; the list is never reordered by hand
        <Text key={at} size="sm" style={{ overflowWrap: "anywhere" }}>
          {[alert.host, alert.name, alert.message].filter((part) => part !== undefined && part !== "").join(" · ")}
          {!alert.isOpen && ` (${m.over})`}
        </Text>
      ))}
      {more > 0 && (
        <Text size="sm" c="dimmed">
          {m.moreAlerts({ count: format.count(more) })}
        </Text>
      )}
    </Stack>
  );
}

interface Said {
  readonly title: string;
  readonly text: string;
}

/** What can be done with the link, or why there is nothing to do. */
function Answer({ token, act }: { readonly token: string; readonly act: Act }) {
  const m = useMessages(messages);
  const [declined, setDeclined] = useState(false);
  const said = useSaid(act);
  const { organisation, incident } = act;
  if (act.standing === "ready" && !declined) return <Press token={token} act={act} onDeclined={() => setDeclined(true)} />;
  const shown: Said = declined ? { title: m.declined, text: m.declinedText } : said;
  return (
    <Stack gap="sm">
      <div role="status">
        <Text fw={650} size="lg" style={{ overflowWrap: "anywhere" }}>
          {shown.title}
        </Text>
        <Text size="sm">{shown.text}</Text>
      </div>
      {/* Behind the login, which this page does without. */}
      <Button component="a" href={`/o/${organisation.name}/incidents/${incident.id}`} variant="default" size="lg">
        {m.openIncident}
      </Button>
    </Stack>
  );
}

function useSaid({ standing, incident }: Act): Said {
  const m = useMessages(messages);
  const format = useFormat();
  const time = incident.takenAt === undefined ? "" : format.time(unixMs(incident.takenAt));
  switch (standing) {
    case "taken":
      return { title: m.taken({ name: incident.responderName ?? "", time }), text: m.takenText };
    case "yours":
      return { title: m.yours, text: m.yoursText({ time }) };
    case "resolved":
      return { title: m.resolved, text: m.resolvedText };
    case "used":
    case "ready":
      return { title: m.used, text: m.usedText };
  }
}

const titleOf = (m: ReturnType<typeof useMessages<(typeof messages)["en"]>>, action: IncidentAction): Said & { readonly verb: string } => {
  switch (action) {
    case "take":
      return { title: m.takeTitle, text: m.takeText, verb: m.take };
    case "cannot":
      return { title: m.cannotTitle, text: m.cannotText, verb: m.cannot };
    case "resolve":
      return { title: m.resolveTitle, text: m.resolveText, verb: m.resolve };
  }
};

function Press({ token, act, onDeclined }: { readonly token: string; readonly act: Act; readonly onDeclined: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const problemText = useProblemText();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { responderName } = act.incident;
  const { title, text, verb } = titleOf(m, act.action);
  const press = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { isDone, act: after } = await call(confirmAct, { params: { token } });
      if (isDone && after.action === "cannot") onDeclined();
      client.setQueryData(["act", token], after);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="sm">
      <Text fw={600} role="status">
        {responderName === undefined ? m.nobody : m.hasIt({ name: responderName })}
      </Text>
      <div>
        <Text fw={650}>{title}</Text>
        <Text size="sm">{text}</Text>
      </div>
      <FormProblem problem={problem} />
      <Button size="xl" fullWidth loading={isBusy} onClick={() => void press()}>
        {verb}
      </Button>
    </Stack>
  );
}
