import { Checkbox, Group } from "@mantine/core";
import { useFormat } from "#kit/format";

/** Monday first, as weeks are planned. */
const order = [1, 2, 3, 4, 5, 6, 0];

export interface WeekdayChoiceProps {
  readonly label: string;
  /** 0 = Sunday … 6 = Saturday. */
  readonly value: readonly number[];
  readonly onChange: (value: number[]) => void;
  readonly error?: string | undefined;
}

export function WeekdayChoice({ label, value, onChange, error }: WeekdayChoiceProps) {
  const format = useFormat();
  return (
    <Checkbox.Group
      label={label}
      value={value.map(String)}
      onChange={(next) => onChange(next.map(Number).sort((a, b) => a - b))}
      error={error}
    >
      <Group gap="sm" mt={4}>
        {order.map((day) => (
          <Checkbox key={day} value={String(day)} label={format.weekday(day)} size="xs" />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
