import { Button, Fieldset, Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { severities, type Medium } from "#wire/alerting";
import { listPolicies, type PolicyInput } from "#wire/escalation";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { severityMessages } from "../incidents/severity-messages.ts";
import { messages } from "./messages.ts";
import { MinutesInput } from "./StepCard.tsx";
import type { Choices } from "./use-choices.ts";

interface AdvancedSectionProps {
  readonly draft: PolicyInput;
  readonly policyId: string | undefined;
  readonly choices: Choices;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (draft: PolicyInput) => void;
}

/** What most policies leave as it is. */
export function AdvancedSection(props: AdvancedSectionProps) {
  const m = useMessages(messages);
  const hasProblem = [...props.problems.keys()].some((field) => field.startsWith("exhausted") || field === "calendarId");
  const [isOpen, setOpen] = useState(false);
  const isShown = isOpen || hasProblem;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Button
          variant="default"
          aria-expanded={isShown}
          rightSection={isShown ? <IconChevronUp aria-hidden size={16} /> : <IconChevronDown aria-hidden size={16} />}
          onClick={() => setOpen(!isShown)}
        >
          {m.advanced}
        </Button>
        {!isShown && (
          <Text size="sm" c="dimmed">
            {m.advancedHint}
          </Text>
        )}
      </Group>
      {isShown && (
        <>
          <ExhaustedFields {...props} />
          <MatrixFields {...props} />
          <TimeFields {...props} />
        </>
      )}
    </Stack>
  );
}

const named = (all: Choices["teams"]) => all.map(({ id, name }) => ({ value: id, label: name }));

/** The object without the field, or with it. */
function withField<T extends object, K extends keyof T>(object: T, key: K, value: T[K] | null): T {
  const { [key]: _old, ...rest } = object;
  // `as`: the field is optional in every object that comes here.
  return (value === null ? rest : { ...rest, [key]: value }) as T;
}

function ExhaustedFields({ draft, policyId, choices, problems, onChange }: AdvancedSectionProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "escalation", "policies"],
    queryFn: ({ signal }) => call(listPolicies, { params: { org } }, signal),
  });
  const { exhausted } = draft;
  const set = (next: PolicyInput["exhausted"]): void => onChange({ ...draft, exhausted: next });
  const others = (data?.policies ?? []).filter(({ id }) => id !== policyId);
  const shared = { clearable: true, searchable: true, placeholder: m.nobodyElse } as const;
  return (
    <Fieldset legend={m.exhausted}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {m.exhaustedHint}
        </Text>
        <Select
          {...shared}
          label={m.goOn}
          data={named(others)}
          value={exhausted.policyId ?? null}
          error={problems.get("exhausted.policyId")}
          onChange={(value) => set(withField(exhausted, "policyId", value))}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            {...shared}
            label={m.thenLead}
            data={named(choices.teams)}
            value={exhausted.leadOfTeamId ?? null}
            error={problems.get("exhausted.leadOfTeamId")}
            onChange={(value) => set(withField(exhausted, "leadOfTeamId", value))}
          />
          <Select
            {...shared}
            label={m.thenChannel}
            data={named(choices.channels)}
            value={exhausted.channelId ?? null}
            error={problems.get("exhausted.channelId")}
            onChange={(value) => set(withField(exhausted, "channelId", value))}
          />
        </SimpleGrid>
        <MinutesInput
          label={m.again}
          seconds={exhausted.repeatSeconds}
          least={60}
          most={86_400}
          onChange={(repeatSeconds) => set({ ...exhausted, repeatSeconds })}
        />
      </Stack>
    </Fieldset>
  );
}

/** From the one that wakes to the one that is read in time. */
const media: readonly Medium[] = ["phone", "sms", "push", "chat", "mail"];
const times = ["working", "outside"] as const;

function MatrixFields({ draft, choices, problems, onChange }: AdvancedSectionProps) {
  const m = useMessages(messages);
  const words = useMessages(severityMessages);
  const { slope } = draft;
  const data = media.map((value) => ({ value, label: m[`medium-${value}`] }));
  const set = (severity: keyof typeof slope, time: (typeof times)[number], values: readonly string[]): void => {
    const next = media.filter((one) => values.includes(one));
    if (time === "working" && next.length === 0) return; // in working time somebody is always told
    onChange({ ...draft, slope: { ...slope, [severity]: { ...slope[severity], [time]: next } } });
  };
  return (
    <Fieldset legend={m.matrix}>
      <Stack gap="sm">
        <Select
          label={m.calendar}
          description={m.calendarHint}
          placeholder={m.calendarNone}
          clearable
          data={named(choices.calendars)}
          value={draft.calendarId ?? null}
          error={problems.get("calendarId")}
          onChange={(value) => onChange(withField(draft, "calendarId", value))}
        />
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{m.severity}</Table.Th>
                <Table.Th>{m.working}</Table.Th>
                <Table.Th>{m.outside}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...severities].reverse().map((severity) => (
                <Table.Tr key={severity}>
                  <Table.Th scope="row">{words[severity]}</Table.Th>
                  {times.map((time) => (
                    <Table.Td key={time}>
                      <MultiSelect
                        aria-label={m.matrixCell({ severity: words[severity], time: m[time] })}
                        data={data}
                        value={[...slope[severity][time]]}
                        placeholder={slope[severity][time].length === 0 ? m.held : undefined}
                        onChange={(values) => set(severity, time, values)}
                      />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <Text size="xs" c="dimmed">
          {m.outsideHint}
        </Text>
      </Stack>
    </Fieldset>
  );
}

function TimeFields({ draft, onChange }: AdvancedSectionProps) {
  const m = useMessages(messages);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <NumberInput
        label={m.minOpen}
        description={m.minOpenHint}
        inputWrapperOrder={["label", "input", "description", "error"]}
        value={draft.minOpenSeconds}
        min={0}
        max={3600}
        allowDecimal={false}
        onChange={(typed) => onChange({ ...draft, minOpenSeconds: Math.min(3600, Math.max(0, Number(typed))) })}
      />
      <MinutesInput
        label={m.ackTimeout}
        description={m.ackTimeoutHint}
        seconds={draft.ackTimeoutSeconds}
        least={0}
        most={86_400}
        onChange={(ackTimeoutSeconds) => onChange({ ...draft, ackTimeoutSeconds })}
      />
    </SimpleGrid>
  );
}
