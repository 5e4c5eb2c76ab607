import { ActionIcon, Button, Group, Paper, Select, Stack } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { severities, type Severity } from "#wire/alerting";
import { changeBindings, type Binding, type Policy } from "#wire/escalation";
import { listServices } from "#wire/services";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { PageSection } from "../../kit/PageSection.tsx";
import { severityMessages } from "../incidents/severity-messages.ts";
import { messages } from "./messages.ts";

interface BindingSectionProps {
  readonly policies: readonly Policy[];
  readonly bindings: readonly Binding[];
}

/** Which policy holds for which service and severity; everything is saved at once. */
export function BindingSection({ policies, bindings }: BindingSectionProps) {
  const m = useMessages(messages);
  const mayChange = useMay("policy.change");
  const { lines, setLines, problem, isBusy, isChanged, save } = useBindings(bindings);
  const services = useServices(bindings);
  const replace = (index: number, line: Line): void => setLines(lines.map((one, at) => (at === index ? line : one)));
  return (
    <PageSection title={m.bindings} hint={m.bindingsHint}>
      <Stack gap="xs" maw="60rem">
        {lines.map((line, index) => (
          <BindingLine
            key={line.key}
            line={line}
            policies={policies}
            services={services}
            isDisabled={!mayChange}
            onChange={(next) => replace(index, next)}
            onRemove={() => setLines(lines.filter((_, at) => at !== index))}
          />
        ))}
        <FormProblem problem={problem} />
        {mayChange && (
          <Group>
            <Button
              variant="default"
              leftSection={<IconPlus aria-hidden size={18} />}
              onClick={() =>
                setLines([...lines, { key: nextKey(lines), service: null, severity: null, policyId: null, isStandard: false }])
              }
            >
              {m.addBinding}
            </Button>
            <Button loading={isBusy} disabled={!isChanged} onClick={save}>
              {m.saveBindings}
            </Button>
          </Group>
        )}
      </Stack>
    </PageSection>
  );
}

interface Line {
  readonly key: number;
  readonly service: string | null;
  readonly severity: Severity | null;
  readonly policyId: string | null;
  /** The line of the whole organisation and every severity: always there. */
  readonly isStandard: boolean;
}

const nextKey = (lines: readonly Line[]): number => Math.max(0, ...lines.map(({ key }) => key)) + 1;

function linesOf(bindings: readonly Binding[]): Line[] {
  const isStandard = ({ service, severity }: Binding): boolean => service === undefined && severity === undefined;
  const standard = bindings.find(isStandard);
  const others = bindings.filter((one) => !isStandard(one));
  return [
    { key: 0, service: null, severity: null, policyId: standard?.policyId ?? null, isStandard: true },
    ...others.map(({ service = null, severity = null, policyId }, index): Line => ({
      key: index + 1,
      service,
      severity,
      policyId,
      isStandard: false,
    })),
  ];
}

/** Lines without a policy are none yet. */
function bindingsOf(lines: readonly Line[]): Binding[] {
  return lines.flatMap(({ service, severity, policyId }) =>
    policyId === null ? [] : [{ ...(service === null ? {} : { service }), ...(severity === null ? {} : { severity }), policyId }],
  );
}

function useBindings(bindings: readonly Binding[]) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [lines, setLines] = useState(() => linesOf(bindings));
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await call(changeBindings, { params: { org }, body: { bindings: bindingsOf(lines) } });
      await client.invalidateQueries({ queryKey: [org, "escalation"] });
      toasts.show({ text: m.bindingsSaved });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  const isChanged = JSON.stringify(bindingsOf(lines)) !== JSON.stringify(bindingsOf(linesOf(bindings)));
  return { lines, setLines, problem, isBusy, isChanged, save: () => void save() };
}

/** The organisation's services, and those that are bound already. */
function useServices(bindings: readonly Binding[]): string[] {
  const call = useCall();
  const org = useOrganisation().name;
  const { data } = useQuery({
    queryKey: [org, "services", "choices"],
    queryFn: ({ signal }) => call(listServices, { params: { org }, query: { limit: 200 } }, signal),
  });
  const bound = bindings.flatMap(({ service }) => service ?? []);
  return [...new Set([...(data?.services ?? []).map(({ name }) => name), ...bound])];
}

interface BindingLineProps {
  readonly line: Line;
  readonly policies: readonly Policy[];
  readonly services: readonly string[];
  readonly isDisabled: boolean;
  readonly onChange: (line: Line) => void;
  readonly onRemove: () => void;
}

const everything = "";

function BindingLine({ line, policies, services, isDisabled, onChange, onRemove }: BindingLineProps) {
  const m = useMessages(messages);
  const words = useMessages(severityMessages);
  const shared = { disabled: isDisabled, style: { flex: "1 1 10rem" } } as const;
  const name = line.service ?? m.organisationLine;
  return (
    <Paper withBorder p="xs">
      <Group align="flex-end" gap="xs" wrap="wrap">
        <Select
          {...shared}
          label={m.service}
          data={[{ value: everything, label: m.organisationLine }, ...services.map((one) => ({ value: one, label: one }))]}
          value={line.service ?? everything}
          readOnly={line.isStandard}
          searchable={!line.isStandard}
          allowDeselect={false}
          onChange={(value) => onChange({ ...line, service: value === everything ? null : value })}
        />
        <Select
          {...shared}
          label={m.severity}
          data={[
            { value: everything, label: m.anySeverity },
            ...[...severities].reverse().map((value) => ({ value, label: words[value] })),
          ]}
          value={line.severity ?? everything}
          readOnly={line.isStandard}
          allowDeselect={false}
          onChange={(value) => onChange({ ...line, severity: severities.find((one) => one === value) ?? null })}
        />
        <Select
          {...shared}
          label={m.policy}
          placeholder={line.isStandard ? m.builtIn : undefined}
          data={policies.map(({ id, name: label }) => ({ value: id, label }))}
          value={line.policyId}
          clearable={line.isStandard}
          searchable
          onChange={(policyId) => onChange({ ...line, policyId })}
        />
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={m.removeBinding({ name })}
          disabled={isDisabled || line.isStandard}
          style={{ visibility: line.isStandard ? "hidden" : "visible" }}
          onClick={onRemove}
        >
          <IconTrash aria-hidden size={18} />
        </ActionIcon>
      </Group>
    </Paper>
  );
}
