import { ActionIcon, Group, Select, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import type { Names, StepTarget } from "#wire/escalation";
import { useMessages } from "#kit/messages";
import { useMay } from "#kit/session";
import { keyOfTarget, moved, targetOfKey } from "./draft.ts";
import { messages } from "./messages.ts";
import { useTargetGroups, useTargetText, type Choices } from "./use-choices.ts";

interface TargetListProps {
  readonly targets: readonly StepTarget[];
  readonly choices: Choices;
  readonly names: Names;
  readonly onChange: (targets: StepTarget[]) => void;
}

/** Who is told, in order: choosing a name adds it at the end. */
export function TargetList({ targets, choices, names, onChange }: TargetListProps) {
  const m = useMessages(messages);
  const mayChange = useMay("policy.change");
  const textOf = useTargetText(names);
  const chosen = new Set(targets.map(keyOfTarget));
  const groups = useTargetGroups(choices).map(({ group, items }) => ({ group, items: items.filter(({ value }) => !chosen.has(value)) }));
  const add = (key: string | null): void => {
    const target = key === null ? undefined : targetOfKey(key);
    if (target) onChange([...targets, target]);
  };
  return (
    <Stack gap={4}>
      {targets.length > 0 && (
        <Stack component="ol" gap={4} m={0} p={0} style={{ listStyle: "none" }}>
          {targets.map((target, index) => (
            <TargetRow
              key={keyOfTarget(target)}
              name={textOf(target)}
              index={index}
              count={targets.length}
              mayChange={mayChange}
              onMove={(to) => onChange(moved(targets, index, to))}
              onRemove={() => onChange(targets.filter((_, at) => at !== index))}
            />
          ))}
        </Stack>
      )}
      {mayChange && targets.length < 20 && (
        <Select
          aria-label={m.addTarget}
          placeholder={targets.length === 0 ? `${m.addTarget}: ${m.addTargetHint}` : m.addTarget}
          data={groups}
          value={null}
          searchable
          onChange={add}
        />
      )}
      {!mayChange && targets.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.noTarget}
        </Text>
      )}
    </Stack>
  );
}

interface TargetRowProps {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly mayChange: boolean;
  readonly onMove: (to: number) => void;
  readonly onRemove: () => void;
}

function TargetRow({ name, index, count, mayChange, onMove, onRemove }: TargetRowProps) {
  const m = useMessages(messages);
  return (
    <Group component="li" justify="space-between" wrap="nowrap" gap="xs">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {`${index + 1}. ${name}`}
      </Text>
      {mayChange && (
        <Group gap={2} wrap="nowrap">
          <ActionIcon variant="subtle" size="sm" aria-label={m.targetUp({ name })} disabled={index === 0} onClick={() => onMove(index - 1)}>
            <IconArrowUp aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            size="sm"
            aria-label={m.targetDown({ name })}
            disabled={index === count - 1}
            onClick={() => onMove(index + 1)}
          >
            <IconArrowDown aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" size="sm" aria-label={m.targetRemove({ name })} onClick={onRemove}>
            <IconX aria-hidden size={16} />
          </ActionIcon>
        </Group>
      )}
    </Group>
  );
}
