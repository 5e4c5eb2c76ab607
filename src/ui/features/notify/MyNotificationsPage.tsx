import { Alert, Button, Stack, Table, Text } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { unixMs } from "#base/duration";
import { media } from "#wire/alerting";
import { getMyNotifications, testMyContacts, type MyNotifications, type WouldReach } from "#wire/notify-people";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ErrorState } from "../../kit/ErrorState.tsx";
import { PageHeader } from "../../kit/PageHeader.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { RoutePending } from "../../kit/RouteStates.tsx";
import { MyCallsSection } from "../calls/MyCallsSection.tsx";
import { BrowserSection } from "./BrowserSection.tsx";
import { ContactsSection } from "./ContactsSection.tsx";
import { messages } from "./my-messages.ts";
import { RulesForm } from "./RulesForm.tsx";

/** How one is reached oneself, and when not. */
export function MyNotificationsPage() {
  const m = useMessages(messages);
  const call = useCall();
  const { name: org, displayName } = useOrganisation();
  const { data, error, refetch } = useQuery({
    queryKey: [org, "my-notifications"],
    queryFn: ({ signal }) => call(getMyNotifications, { params: { org } }, signal),
  });
  return (
    <>
      <PageHeader title={m.title} intro={m.intro({ organisation: displayName })}>
        {testable(data).map((medium) => (
          <TestButton key={medium} medium={medium} />
        ))}
      </PageHeader>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <RoutePending />}
      {data && (
        <Stack gap="lg">
          <NowSection mine={data} />
          <ContactsSection mine={data} />
          <BrowserSection mine={data} />
          {data.contacts.some(({ kind }) => kind === "phone") && <MyCallsSection />}
          <RulesForm key={JSON.stringify(data.rules)} mine={data} />
        </Stack>
      )}
    </>
  );
}

const written = ["mail", "chat", "sms", "push"] as const;
type Written = (typeof written)[number];

/** Mail can always be tried, the others when they lead somewhere; calls have a place of their own. */
const testable = (mine: MyNotifications | undefined): readonly Written[] =>
  written.filter(
    (medium) =>
      medium === "mail" || mine?.wouldReach.some((would) => would.medium === medium && would.isUrgent && would.outcome !== "unreachable"),
  );

function TestButton({ medium }: { readonly medium: Written }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    try {
      const { ok, problem = "", millis } = await call(testMyContacts, { params: { org }, body: { medium } });
      if (ok) toasts.show({ text: m.tested({ millis: format.count(millis) }) });
      else toasts.show({ kind: "problem", text: m.testFailed({ problem }) });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    } finally {
      setBusy(false);
    }
    await client.invalidateQueries({ queryKey: [org, "my-notifications"] });
  };
  return (
    <Button variant="default" loading={isBusy} onClick={() => void test()}>
      {m.test({ medium: m[`medium-${medium}`] })}
    </Button>
  );
}

/** A line for each severity, a column for each medium. */
function NowSection({ mine: { wouldReach, quietUntil } }: { readonly mine: MyNotifications }) {
  const m = useMessages(messages);
  const format = useFormat();
  const lines = wouldReach.filter(({ medium, isUrgent, severity }) => medium === "mail" && (isUrgent || severity !== undefined));
  const cellOf = (line: WouldReach, medium: WouldReach["medium"]): WouldReach | undefined =>
    wouldReach.find((one) => one.medium === medium && one.severity === line.severity && one.isUrgent === line.isUrgent);
  return (
    <PageSection title={m.now} hint={m.nowHint}>
      <Stack gap="sm">
        {quietUntil !== undefined && (
          <Alert variant="outline" color="yellow" icon={<IconMoon aria-hidden />}>
            {m.quietNow({ until: format.dateTime(unixMs(quietUntil)) })}
          </Alert>
        )}
        <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table withTableBorder maw="46rem">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{m.severity}</Table.Th>
                {media.map((medium) => (
                  <Table.Th key={medium} scope="col">
                    {m[`medium-${medium}`]}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {lines.map((line) => (
                <Table.Tr key={`${line.severity} ${line.isUrgent}`}>
                  <Table.Th scope="row">{line.isUrgent ? m.urgent : m[`severity-${line.severity}`]}</Table.Th>
                  {media.map((medium) => (
                    <Table.Td key={medium}>
                      <Outcome would={cellOf(line, medium)} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </PageSection>
  );
}

function Outcome({ would }: { readonly would: WouldReach | undefined }) {
  const m = useMessages(messages);
  const format = useFormat();
  if (!would) return undefined;
  const { outcome, until = 0 } = would;
  const isGood = outcome === "now";
  const text = outcome === "held" ? m["outcome-held"]({ until: format.dateTime(unixMs(until)) }) : m[`outcome-${outcome}`];
  return (
    <Text size="sm" c={isGood ? "var(--mantine-color-text)" : "dimmed"} fw={isGood ? 600 : 400}>
      {text}
    </Text>
  );
}
