import { ActionIcon, Button, Group, NumberInput, Paper, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronUp, IconGripVertical, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { media } from "#wire/alerting";
import type { Names, PolicyStep } from "#wire/escalation";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import { StepConditions } from "./StepConditions.tsx";
import { TargetList } from "./TargetList.tsx";
import type { Choices } from "./use-choices.ts";

export interface StepCardProps {
  readonly step: PolicyStep;
  readonly index: number;
  readonly count: number;
  readonly label: string;
  readonly choices: Choices;
  readonly names: Names;
  /** What is wrong with the step, in the server's words. */
  readonly problems: readonly string[];
  readonly onChange: (step: PolicyStep) => void;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
  readonly onDrag: () => void;
  readonly onDrop: () => void;
}

const ways = ["severity", ...media] as const;

/** One step: who is told, one after the other or all at once, and how long they have. Everything else is folded away. */
export function StepCard(props: StepCardProps) {
  const { step, index, label, choices, names, problems, onChange } = props;
  const m = useMessages(messages);
  const isPlain = step.when === undefined && step.medium === "severity" && (index === 0 || step.afterSeconds === 0);
  const [isOpen, setOpen] = useState(!isPlain);
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label={label}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        props.onDrop();
      }}
    >
      <Stack gap="sm">
        <StepHead {...props} />
        {[...new Set(problems)].map((problem) => (
          <Text key={problem} size="sm" c="error">
            {problem}
          </Text>
        ))}
        <TargetList targets={step.targets} choices={choices} names={names} onChange={(targets) => onChange({ ...step, targets })} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            label={m.mode}
            data={[
              { value: "in-order", label: m.whoInOrder },
              { value: "at-once", label: m.whoAtOnce },
            ]}
            value={step.mode}
            allowDeselect={false}
            onChange={(value) => onChange({ ...step, mode: value === "at-once" ? "at-once" : "in-order" })}
          />
          <MinutesInput
            label={step.mode === "in-order" ? m.waitEach : m.waitAll}
            seconds={step.waitSeconds}
            least={10}
            most={86_400}
            onChange={(waitSeconds) => onChange({ ...step, waitSeconds })}
          />
        </SimpleGrid>
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={isOpen}
            rightSection={isOpen ? <IconChevronUp aria-hidden size={16} /> : <IconChevronDown aria-hidden size={16} />}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? m.less : m.more}
          </Button>
        </Group>
        {isOpen && (
          <>
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <Select
                label={m.medium}
                data={ways.map((value) => ({ value, label: m[`medium-${value}`] }))}
                value={step.medium}
                allowDeselect={false}
                onChange={(value) => onChange({ ...step, medium: ways.find((one) => one === value) ?? "severity" })}
              />
              <MinutesInput
                label={m.after}
                description={m.afterHint}
                seconds={step.afterSeconds}
                least={0}
                most={604_800}
                onChange={(afterSeconds) => onChange({ ...step, afterSeconds })}
              />
            </SimpleGrid>
            <StepConditions step={step} choices={choices} onChange={onChange} />
          </>
        )}
      </Stack>
    </Paper>
  );
}

/** The number, the handle to drag, and the same by keyboard. */
function StepHead({ index, count, label, onMove, onRemove, onDrag }: StepCardProps) {
  const m = useMessages(messages);
  const format = useFormat();
  const number = format.count(index + 1);
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap={4} wrap="nowrap">
        {count > 1 && (
          <span draggable onDragStart={onDrag} title={m.dragStep({ number })} style={{ cursor: "grab", display: "inline-flex" }}>
            <IconGripVertical aria-hidden size={18} />
          </span>
        )}
        <Title order={3} size="h4">
          {label}
        </Title>
      </Group>
      {count > 1 && (
        <Group gap={4} wrap="nowrap">
          <ActionIcon variant="subtle" aria-label={m.stepUp({ number })} disabled={index === 0} onClick={() => onMove(index - 1)}>
            <IconArrowUp aria-hidden size={18} />
          </ActionIcon>
          <ActionIcon variant="subtle" aria-label={m.stepDown({ number })} disabled={index === count - 1} onClick={() => onMove(index + 1)}>
            <IconArrowDown aria-hidden size={18} />
          </ActionIcon>
          <ActionIcon variant="subtle" aria-label={m.removeStep({ number })} onClick={onRemove}>
            <IconTrash aria-hidden size={18} />
          </ActionIcon>
        </Group>
      )}
    </Group>
  );
}

interface MinutesInputProps {
  readonly label: string;
  readonly description?: string;
  readonly seconds: number;
  readonly least: number;
  readonly most: number;
  readonly error?: string | undefined;
  readonly onChange: (seconds: number) => void;
}

/** Minutes, with parts of them, kept as whole seconds. */
export function MinutesInput({ label, description, seconds, least, most, error, onChange }: MinutesInputProps) {
  return (
    <NumberInput
      label={label}
      description={description}
      error={error}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={Math.round((seconds / 60) * 100) / 100}
      min={Math.ceil((least / 60) * 100) / 100}
      max={most / 60}
      decimalScale={2}
      step={1}
      onChange={(typed) => {
        if (typed !== "") onChange(Math.min(most, Math.max(least, Math.round(Number(typed) * 60))));
      }}
    />
  );
}
