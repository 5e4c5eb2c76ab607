import { ActionIcon, Group, Input, Select, Stack, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useMessages } from "#kit/messages";
import { editorMessages } from "./editor-messages.ts";
import { moved } from "./schedule-draft.ts";
import type { Choice } from "./use-duty.ts";

export interface PeopleOrderProps {
  readonly label: string;
  readonly hint: string;
  readonly ids: readonly string[];
  readonly choices: readonly Choice[];
  /** Names of people who can no longer be chosen but may stay. */
  readonly nameOf: (id: string) => string;
  readonly onChange: (ids: string[]) => void;
  readonly error?: string | undefined;
}

/** People in an order: a list whose entries move by buttons, and a field that adds one. */
export function PeopleOrder({ label, hint, ids, choices, nameOf, onChange, error }: PeopleOrderProps) {
  const m = useMessages(editorMessages);
  const names = new Map(choices.map(({ value, label: name }) => [value, name]));
  const left = choices.filter(({ value }) => !ids.includes(value));
  return (
    <Input.Wrapper component="fieldset" style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }} error={error}>
      <Text component="legend" size="sm" fw={500} p={0}>
        {label}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
      <Stack gap={4} mt={4} component="ol" style={{ padding: 0, listStyle: "none" }}>
        {ids.map((id, index) => {
          const name = names.get(id) ?? nameOf(id);
          return (
            <Group key={`${id}-${String(index)}`} component="li" gap={4} wrap="nowrap">
              <Text size="sm" miw="1.5rem" c="dimmed">{`${String(index + 1)}.`}</Text>
              <Text size="sm" style={{ flex: 1, overflowWrap: "anywhere" }}>
                {name}
              </Text>
              <Mover label={m.moveUp({ name })} isOff={index === 0} onClick={() => onChange([...moved(ids, index, -1)])}>
                <IconArrowUp aria-hidden size={16} />
              </Mover>
              <Mover label={m.moveDown({ name })} isOff={index === ids.length - 1} onClick={() => onChange([...moved(ids, index, 1)])}>
                <IconArrowDown aria-hidden size={16} />
              </Mover>
              <Mover label={m.removePerson({ name })} isOff={false} onClick={() => onChange(ids.filter((_, at) => at !== index))}>
                <IconX aria-hidden size={16} />
              </Mover>
            </Group>
          );
        })}
      </Stack>
      <Select
        mt={4}
        aria-label={m.addPerson}
        placeholder={m.addPerson}
        data={left}
        value={null}
        searchable
        disabled={left.length === 0}
        onChange={(id) => id !== null && onChange([...ids, id])}
      />
    </Input.Wrapper>
  );
}

interface MoverProps {
  readonly label: string;
  readonly isOff: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Mover({ label, isOff, onClick, children }: MoverProps) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={isOff} onClick={onClick}>
      {children}
    </ActionIcon>
  );
}
