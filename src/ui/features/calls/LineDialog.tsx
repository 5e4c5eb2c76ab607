import { Alert, Button, Collapse, Group, Radio, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconPlugConnected } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { linePresets } from "#wire/line-settings";
import { changeLine, checkLine, createLine, LineInput, type Line, type LineCheck } from "#wire/lines";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { bodyOf, missingFields, newLine, valuesOf, type LineValues } from "./line-form.ts";
import { CostFields, LineFields, MoreFields } from "./LineFields.tsx";
import { messages } from "./messages.ts";

export interface LineDialogProps {
  readonly line: Line | undefined;
  readonly onClose: () => void;
}

/** Adds a line in two steps, or changes one. */
export function LineDialog({ line, onClose }: LineDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const [hasChosen, setChosen] = useState(line !== undefined);
  const form = useLineForm(line, onClose);
  const step = { ...form, onSubmit: (event: { preventDefault(): void }) => (event.preventDefault(), setChosen(true)) };
  return (
    <FormDialog
      title={line ? m.editTitle({ name: line.name }) : m.addTitle}
      form={hasChosen ? form : step}
      action={hasChosen ? (line ? kit.save : m.add) : m.next}
      onClose={onClose}
      size="lg"
    >
      {hasChosen ? (
        <>
          <Text size="sm" c="dimmed">
            {m[`about-${form.values.preset}`]}
          </Text>
          <LineFields form={form} line={line} />
          <Fold label={m.more}>
            <MoreFields form={form} line={line} />
          </Fold>
          <Fold label={m.costs}>
            <CostFields form={form} />
          </Fold>
          <Check values={form.values} line={line} />
          {!line && (
            <Button variant="subtle" style={{ alignSelf: "flex-start" }} onClick={() => setChosen(false)}>
              {m.back}
            </Button>
          )}
        </>
      ) : (
        <PresetChoice form={form} />
      )}
    </FormDialog>
  );
}

function PresetChoice({ form }: { readonly form: DialogForm<LineValues> }) {
  const m = useMessages(messages);
  const choose = (value: string): void => {
    const preset = linePresets.find((one) => one === value);
    if (!preset) return;
    const values = newLine(preset);
    for (const name of Object.keys(values) as (keyof LineValues)[]) if (name !== "name") form.set(name, values[name]); // the form's own fields
  };
  return (
    <Radio.Group label={m.choose} value={form.values.preset} onChange={choose} name="preset">
      <Stack gap="xs" mt="xs">
        {linePresets.map((preset) => (
          <Radio.Card key={preset} value={preset} p="sm" withBorder radius="sm" aria-label={m[`preset-${preset}`]}>
            <Group wrap="nowrap" align="flex-start" gap="sm">
              <Radio.Indicator mt={3} />
              <div>
                <Text fw={600}>{m[`preset-${preset}`]}</Text>
                <Text size="sm" c="dimmed">
                  {m[`about-${preset}`]}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </Stack>
    </Radio.Group>
  );
}

interface FoldProps {
  readonly label: string;
  readonly children: ReactNode;
}

function Fold({ label, children }: FoldProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div>
      <Button
        variant="subtle"
        px={6}
        aria-expanded={isOpen}
        leftSection={<IconChevronDown aria-hidden size={18} style={{ transform: isOpen ? "none" : "rotate(-90deg)" }} />}
        onClick={() => setOpen(!isOpen)}
      >
        {label}
      </Button>
      <Collapse expanded={isOpen}>{isOpen && <div style={{ paddingTop: "var(--mantine-spacing-xs)" }}>{children}</div>}</Collapse>
    </div>
  );
}

function useLineForm(line: Line | undefined, onDone: () => void): DialogForm<LineValues> {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  return useDialogForm<LineValues>({
    schema: LineInput,
    bodyOf,
    initial: line ? valuesOf(line) : newLine("account"),
    rules: (values) => Object.fromEntries(missingFields(values, line?.secrets ?? []).map((field) => [field, kit.required])),
    submit: async (values) => {
      const body = bodyOf(values);
      if (line) await call(changeLine, { params: { org, id: line.id }, body });
      else await call(createLine, { params: { org }, body });
      toasts.show({ text: line ? m.saved : m.created({ name: body.name }) });
      await client.invalidateQueries({ queryKey: [org, "lines"] });
    },
    onDone,
  });
}

interface CheckProps {
  readonly values: LineValues;
  readonly line: Line | undefined;
}

/** Connects with what is typed, so that a wrong password shows before the line is kept. */
function Check({ values, line }: CheckProps) {
  const m = useMessages(messages);
  const call = useCall();
  const problemText = useProblemText();
  const format = useFormat();
  const org = useOrganisation().name;
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Partial<LineCheck>>();
  const check = async (): Promise<void> => {
    setBusy(true);
    setOutcome(undefined);
    try {
      const body = { line: { ...bodyOf(values), name: values.name.trim() === "" ? "-" : values.name.trim() } };
      setOutcome(await call(checkLine, { params: { org }, body: line ? { ...body, id: line.id } : body }));
    } catch (error) {
      setOutcome({ ok: false, problem: problemText(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack gap="xs" aria-live="polite">
      <Group gap="sm">
        <Button variant="default" loading={isBusy} leftSection={<IconPlugConnected aria-hidden size={18} />} onClick={() => void check()}>
          {m.check}
        </Button>
        <Text size="sm" c="dimmed">
          {m.checkHint}
        </Text>
      </Group>
      {outcome && (
        <Alert variant="outline" color={outcome.ok === true ? "green" : "red"} style={{ overflowWrap: "anywhere" }}>
          {outcome.ok === true
            ? m.checkOk({ millis: format.count(outcome.millis ?? 0) })
            : m.checkFailed({ problem: outcome.problem ?? m.noAnswer })}
        </Alert>
      )}
    </Stack>
  );
}
