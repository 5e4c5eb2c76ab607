import { ActionIcon, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { tryMapping, type MappedSeries, type Mapping, type MappingRule } from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useMay, useOrganisation } from "#kit/session";
import type { Column } from "#kit/table-model";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { DataTable, NothingThere } from "../../kit/DataTable.tsx";
import { FormProblem } from "../../kit/FormProblem.tsx";
import { messages } from "./messages.ts";
import { PageSection } from "../../kit/PageSection.tsx";
import { RuleDialog } from "./RuleDialog.tsx";
import { SeriesTable } from "./SeriesTable.tsx";
import { linesOf } from "./texts.ts";
import { useSaveMapping } from "./use-save-mapping.ts";

interface Row {
  readonly index: number;
  readonly rule: MappingRule;
}

/** The rules in their order, and a place to try them. Every change is saved at once. */
export function RuleSection({ mapping }: { readonly mapping: Mapping }) {
  const m = useMessages(messages);
  const mayChange = useMay("mapping.change");
  const problemText = useProblemText();
  const save = useSaveMapping();
  const [problem, setProblem] = useState<string>();
  const [edited, setEdited] = useState<number>();
  const { rules } = mapping;
  const replace = async (next: readonly MappingRule[]): Promise<void> => save({ ...mapping, rules: [...next] });
  const change = (next: readonly MappingRule[]): void => {
    setProblem(undefined);
    replace(next).catch((error: unknown) => setProblem(problemText(error)));
  };
  const format = useFormat();
  const [removed, setRemoved] = useState<number>();
  const columns = useRuleColumns(rules, change, { edit: setEdited, remove: setRemoved });
  const keep = (rule: MappingRule): Promise<void> =>
    replace(edited === rules.length ? [...rules, rule] : rules.map((one, index) => (index === edited ? rule : one)));
  const add = mayChange && (
    <Button variant="default" leftSection={<IconPlus aria-hidden size={18} />} onClick={() => setEdited(rules.length)}>
      {m.addRule}
    </Button>
  );
  return (
    <>
      <PageSection title={m.rules} hint={m.rulesHint} actions={add}>
        <Stack gap="xs">
          <FormProblem problem={problem} />
          <DataTable
            caption={m.rules}
            columns={columns}
            rows={rules.map((rule, index): Row => ({ index, rule }))}
            rowKey={({ index }) => String(index)}
            empty={<NothingThere>{m.noRules}</NothingThere>}
          />
        </Stack>
      </PageSection>
      <TrySection mapping={mapping} />
      {removed !== undefined && (
        <ConfirmDialog
          title={m.removeRuleTitle({ number: format.count(removed + 1) })}
          text={m.removeRuleText}
          action={m.remove}
          isDangerous
          onConfirm={() => replace(rules.filter((_, index) => index !== removed))}
          onClose={() => setRemoved(undefined)}
        />
      )}
      {edited !== undefined && <RuleDialog rule={rules[edited]} onSave={keep} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function useRuleColumns(
  rules: readonly MappingRule[],
  change: (next: readonly MappingRule[]) => void,
  open: { readonly edit: (index: number) => void; readonly remove: (index: number) => void },
): readonly Column<Row>[] {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const mayChange = useMay("mapping.change");
  const swap = (index: number, other: number): void =>
    change(rules.map((rule, at) => (at === index ? (rules[other] ?? rule) : at === other ? (rules[index] ?? rule) : rule)));
  return [
    { key: "number", header: m.ruleNumber, cell: ({ index }) => format.count(index + 1) },
    {
      key: "metric",
      header: m.metric,
      isRowHeader: true,
      cell: ({ rule }) => (
        <Text span ff="monospace" size="xs" style={{ overflowWrap: "anywhere" }}>
          {[rule.metric, linesOf(rule.labels).replaceAll("\n", ", ")].filter(Boolean).join(" · ")}
        </Text>
      ),
    },
    { key: "action", header: m.action, cell: ({ rule }) => <RuleEffect rule={rule} /> },
    {
      key: "actions",
      header: kit.actions,
      isHeaderHidden: true,
      align: "end",
      cell: ({ index }) => {
        const number = format.count(index + 1);
        return (
          mayChange && (
            <Group gap={4} justify="flex-end" wrap="nowrap">
              <ActionIcon variant="subtle" aria-label={m.moveUp({ number })} disabled={index === 0} onClick={() => swap(index, index - 1)}>
                <IconArrowUp aria-hidden size={18} />
              </ActionIcon>
              <ActionIcon
                variant="subtle"
                aria-label={m.moveDown({ number })}
                disabled={index === rules.length - 1}
                onClick={() => swap(index, index + 1)}
              >
                <IconArrowDown aria-hidden size={18} />
              </ActionIcon>
              <ActionIcon variant="subtle" aria-label={m.editRuleOf({ number })} onClick={() => open.edit(index)}>
                <IconPencil aria-hidden size={18} />
              </ActionIcon>
              <ActionIcon variant="subtle" aria-label={m.removeRuleOf({ number })} onClick={() => open.remove(index)}>
                <IconTrash aria-hidden size={18} />
              </ActionIcon>
            </Group>
          )
        );
      },
    },
  ];
}

function RuleEffect({ rule }: { readonly rule: MappingRule }) {
  const m = useMessages(messages);
  const details = [
    rule.service,
    rule.name,
    rule.action !== "drop" && rule.as !== "auto" ? m[`as-${rule.as}`] : undefined,
    rule.keepLabels === undefined ? undefined : m[`combine-${rule.combine}`],
  ];
  return (
    <Stack gap={0}>
      <span>{m[`action-${rule.action}`]}</span>
      <Text span c="dimmed" size="xs">
        {details.filter((one) => one !== undefined).join(" · ")}
      </Text>
    </Stack>
  );
}

/** Lines of an exposition, and what the mapping makes of them. */
function TrySection({ mapping }: { readonly mapping: Mapping }) {
  const m = useMessages(messages);
  const call = useCall();
  const problemText = useProblemText();
  const org = useOrganisation().name;
  const [text, setText] = useState('http_requests_total{instance="web1:9100",method="GET",code="200"} 1\n');
  const [tried, setTried] = useState<readonly MappedSeries[]>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { settings, rules } = mapping;
      setTried((await call(tryMapping, { params: { org }, body: { settings, rules, exposition: text } })).series);
    } catch (error) {
      setTried(undefined);
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <PageSection title={m.tryRules} hint={m.tryRulesHint}>
      <Stack gap="xs" maw="46rem" align="flex-start">
        <Textarea
          w="100%"
          aria-label={m.tryHere}
          value={text}
          autosize
          minRows={3}
          maxRows={12}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "var(--mantine-font-size-xs)" } }}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button variant="default" loading={isBusy} onClick={() => void run()}>
          {m.tryTarget}
        </Button>
        <FormProblem problem={problem} />
        {tried && <SeriesTable series={tried} />}
      </Stack>
    </PageSection>
  );
}
