import { NativeSelect, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import type { DialogForm } from "#kit/dialog-form";
import type { MonitorValues } from "./monitor-form.ts";

export type MonitorForm = DialogForm<MonitorValues>;

type TextKey = { [K in keyof MonitorValues]: MonitorValues[K] extends string ? K : never }[keyof MonitorValues];
type FlagKey = { [K in keyof MonitorValues]: MonitorValues[K] extends boolean ? K : never }[keyof MonitorValues];

interface InputProps<Key> {
  readonly form: MonitorForm;
  readonly name: Key;
  readonly label: string;
  readonly hint?: string | undefined;
}

const described = (hint: string | undefined): { description?: string } => (hint === undefined ? {} : { description: hint });
const plain = { autoComplete: "off", spellCheck: false } as const;

export function TextField({ form, name, label, hint }: InputProps<TextKey>) {
  return <TextInput {...form.text(name)} {...plain} {...described(hint)} label={label} />;
}

export function LongField({ form, name, label, hint }: InputProps<TextKey>) {
  return <Textarea {...form.text(name)} {...described(hint)} label={label} autosize minRows={2} maxRows={10} spellCheck={false} />;
}

export interface NumberFieldProps extends InputProps<TextKey> {
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
  readonly isDecimal?: boolean;
}

/** A number that may be left empty. */
export function NumberField({ form, name, label, hint, unit, min, max, isDecimal = false }: NumberFieldProps) {
  const { value, error, onBlur } = form.field(name);
  return (
    <NumberInput
      name={name}
      label={label}
      {...described(hint)}
      {...(min === undefined ? {} : { min })}
      {...(max === undefined ? {} : { max })}
      value={value}
      error={error}
      onBlur={onBlur}
      onChange={(typed) => form.set(name, String(typed))}
      allowDecimal={isDecimal}
      clampBehavior="none"
      {...(unit === undefined ? {} : { suffix: ` ${unit}` })}
      style={{ flex: "1 1 9rem" }}
    />
  );
}

export interface ChoiceFieldProps extends InputProps<TextKey> {
  /** Value and label. */
  readonly options: readonly (readonly [string, string])[];
}

export function ChoiceField({ form, name, label, hint, options }: ChoiceFieldProps) {
  const { value, error, onBlur } = form.field(name);
  const all = options.some(([one]) => one === value) ? options : [[value, value] as const, ...options];
  return (
    <NativeSelect
      name={name}
      label={label}
      {...described(hint)}
      value={value}
      error={error}
      onBlur={onBlur}
      data={all.map(([one, text]) => ({ value: one, label: text }))}
      onChange={(event) => form.set(name, event.currentTarget.value)}
      style={{ flex: "1 1 9rem" }}
    />
  );
}

export function FlagField({ form, name, label }: Omit<InputProps<FlagKey>, "hint">) {
  return <Switch label={label} checked={form.values[name]} onChange={(event) => form.set(name, event.currentTarget.checked)} />;
}
