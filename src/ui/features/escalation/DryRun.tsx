import { Alert, Paper, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { unixMs } from "#base/duration";
import { severities, type Severity } from "#wire/alerting";
import type { ResponseOf } from "#wire/contract";
import { dryRun, type DryRunLine, type PolicyInput } from "#wire/escalation";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { PageSection } from "../../kit/PageSection.tsx";
import { severityMessages } from "../incidents/severity-messages.ts";
import classes from "./DryRun.module.css";
import { elapsed, triable } from "./draft.ts";
import { messages } from "./messages.ts";
import { useTargetText } from "./use-choices.ts";

/** What the policy would do, minute by minute, as it stands in the editor. */
export function DryRun({ draft, policyId }: { readonly draft: PolicyInput; readonly policyId: string | undefined }) {
  const m = useMessages(messages);
  const words = useMessages(severityMessages);
  const format = useFormat();
  const [severity, setSeverity] = useState<Severity>("critical");
  const [begin, setBegin] = useState("");
  const at = format.parseLocalInput(begin);
  const tried = useDeferredValue(triable(draft));
  return (
    <PageSection title={m.dryRun} hint={m.dryRunHint}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            label={m.severity}
            data={[...severities].reverse().map((value) => ({ value, label: words[value] }))}
            value={severity}
            allowDeselect={false}
            onChange={(value) => setSeverity(severities.find((one) => one === value) ?? "critical")}
          />
          <TextInput type="datetime-local" label={m.atTime} value={begin} onChange={(event) => setBegin(event.currentTarget.value)} />
        </SimpleGrid>
        {tried ? (
          <Outcome draft={tried} policyId={policyId} severity={severity} at={at} />
        ) : (
          <Text c="dimmed" size="sm">
            {m.dryEmpty}
          </Text>
        )}
      </Stack>
    </PageSection>
  );
}

interface OutcomeProps {
  readonly draft: PolicyInput;
  readonly policyId: string | undefined;
  readonly severity: Severity;
  readonly at: number | undefined;
}

function Outcome({ draft, severity, at }: OutcomeProps) {
  const call = useCall();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const body = { draft, severity, ...(at === undefined ? {} : { at }) };
  const { data, error } = useQuery({
    queryKey: [org, "escalation", "dry-run", body],
    queryFn: ({ signal }) => call(dryRun, { params: { org }, body }, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (error) {
    return (
      <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />}>
        {problemText(error)}
      </Alert>
    );
  }
  return data && <Lines answer={data} />;
}

type Answer = ResponseOf<typeof dryRun>;

function Lines({ answer }: { readonly answer: Answer }) {
  const m = useMessages(messages);
  return (
    <Paper withBorder p="md">
      <ol className={classes.lines} aria-label={m.dryRun}>
        {answer.lines.map((line, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines have no name of their own and are replaced as a whole
          <Line key={index} line={line} before={answer.lines[index - 1]} answer={answer} />
        ))}
      </ol>
      <Text size="sm" c="dimmed" mt="sm">
        {answer.endsAs === "repeats" ? m.dryRepeats : m.dryCut}
      </Text>
    </Paper>
  );
}

interface LineProps {
  readonly line: DryRunLine;
  readonly before: DryRunLine | undefined;
  readonly answer: Answer;
}

function Line({ line, before, answer }: LineProps) {
  const format = useFormat();
  const text = useLineText(answer);
  const isNew = before?.at !== line.at;
  const isSameDay = format.date(unixMs(line.at)) === format.date(unixMs(answer.startsAt));
  const clock = isSameDay ? format.exactTime(unixMs(line.at)) : format.exactDateTime(unixMs(line.at));
  return (
    <li className={classes.line} data-kind={line.kind === "told" ? "told" : "passed"}>
      <div className={classes.time}>
        {isNew && (
          <>
            <Text size="sm" fw={600} className={classes.elapsed}>
              {`+${elapsed(line.afterSeconds)}`}
            </Text>
            <Text size="xs" c="dimmed">
              {clock}
            </Text>
          </>
        )}
      </div>
      <Text size="sm" {...(line.kind === "told" ? { fw: 600 } : { c: "dimmed" })} style={{ overflowWrap: "anywhere" }}>
        {text(line)}
      </Text>
    </li>
  );
}

function useLineText({ names }: Answer): (line: DryRunLine) => string {
  const m = useMessages(messages);
  const format = useFormat();
  const targetText = useTargetText(names);
  const whoOf = ({ personId, channelId, target }: DryRunLine): string => {
    if (personId !== undefined) return names[`person:${personId}`] ?? m.unknown;
    if (channelId !== undefined) return m.channel({ name: names[`channel:${channelId}`] ?? m.unknown });
    return target ? targetText(target) : "";
  };
  const toldText = (line: DryRunLine, who: string): string => {
    const isThrough = line.target !== undefined && line.target.kind !== "person" && line.personId !== undefined;
    const through = isThrough && line.target ? ` (${targetText(line.target)})` : "";
    return m["line-told"]({ who: `${who}${through}`, media: (line.media ?? []).map((medium) => m[`medium-${medium}`]).join(" + ") });
  };
  return (line) => {
    const who = whoOf(line);
    const until = line.until === undefined ? "" : format.dateTime(unixMs(line.until));
    const { kind } = line;
    if (kind === "told") return toldText(line, who);
    if (kind === "nobody" || kind === "gone" || kind === "declined") return m[`line-${kind}`]({ who });
    if (kind === "held" || kind === "young" || kind === "round-over") return m[`line-${kind}`]({ until });
    return m[`line-${kind}`];
  };
}
