import { ActionIcon, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import type { Layer } from "#wire/duty-shapes";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { editorMessages } from "./editor-messages.ts";
import { RestrictionFields } from "./RestrictionFields.tsx";
import { RotationFields } from "./RotationFields.tsx";
import type { Crew } from "./people.ts";

export interface LayerCardProps {
  readonly layer: Layer;
  /** Its place, 0 = lowest. */
  readonly index: number;
  readonly count: number;
  readonly crew: Crew;
  readonly onChange: (layer: Layer) => void;
  readonly onMove: (by: 1 | -1) => void;
  readonly onRemove: () => void;
}

/** One layer of the draft. */
export function LayerCard({ layer, index, count, crew, onChange, onMove, onRemove }: LayerCardProps) {
  const m = useMessages(editorMessages);
  const format = useFormat();
  const { name } = layer;
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap="md">
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            label={m.layerName}
            value={name}
            maxLength={100}
            onChange={(event) => onChange({ ...layer, name: event.currentTarget.value })}
          />
          <ActionIcon variant="default" size="lg" aria-label={m.raise({ name })} disabled={index === count - 1} onClick={() => onMove(1)}>
            <IconArrowUp aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon variant="default" size="lg" aria-label={m.lower({ name })} disabled={index === 0} onClick={() => onMove(-1)}>
            <IconArrowDown aria-hidden size={16} />
          </ActionIcon>
          <ActionIcon variant="default" size="lg" aria-label={m.removeLayer({ name })} onClick={onRemove}>
            <IconTrash aria-hidden size={16} />
          </ActionIcon>
        </Group>
        {layer.kind === "rotation" ? (
          <RotationFields rotation={layer} crew={crew} onChange={onChange} />
        ) : (
          <Text size="sm">{m.tableShifts({ count: format.count(layer.shifts.length) })}</Text>
        )}
        <RestrictionFields
          restriction={layer.restriction}
          onChange={(restriction) => {
            const { restriction: _, ...rest } = layer;
            onChange(restriction === undefined ? rest : { ...rest, restriction });
          }}
        />
      </Stack>
    </Paper>
  );
}
