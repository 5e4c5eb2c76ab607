import { Group, NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { Layout, Widget, WidgetType } from "#wire/dashboards";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { RoleField, TargetFields } from "./TargetFields.tsx";
import { ownPeriods, problemsOf, valuesOf, widgetFrom, type WidgetValues } from "./widget-form.ts";

export interface WidgetDialogProps {
  readonly type: WidgetType;
  /** The one to edit; a new one is made when absent. */
  readonly widget?: Widget | undefined;
  readonly layout: Layout;
  readonly onDone: (widget: Widget) => void;
  readonly onClose: () => void;
}

/** What a widget shows and how. */
export function WidgetDialog({ type, widget, layout, onDone, onClose }: WidgetDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const form = useDialogForm<WidgetValues>({
    initial: valuesOf(widget),
    rules: (values) => problemsOf(type, values, { ...m, tooLong: (most) => kit.tooLong({ most }) }),
    submit: async (values) => onDone(widgetFrom(type, values, layout, widget)),
    onDone: onClose,
  });
  const name = m[type];
  return (
    <FormDialog
      title={widget ? m.editWidget({ type: name }) : m.addWidget({ type: name })}
      form={form}
      action={widget ? kit.apply : m.add}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        {...form.text("title")}
        label={m.widgetTitle}
        {...(type === "markdown" ? {} : { description: m.widgetTitleHint })}
        autoComplete="off"
        data-autofocus
      />
      {type === "markdown" && (
        <Textarea
          {...form.text("markdown")}
          label={m.text}
          description={m.textHint}
          autosize
          minRows={6}
          maxRows={18}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      )}
      {type === "alertStatus" && <RoleField form={form} />}
      {(type === "graph" || type === "value") && <TargetFields type={type} form={form} />}
      {type === "graph" && <GraphFields form={form} hasOwnRange={widget?.type === "graph" && widget.range !== undefined} />}
      {type === "value" && <ValueFields form={form} />}
    </FormDialog>
  );
}

type Form = DialogForm<WidgetValues>;

function GraphFields({ form, hasOwnRange }: { readonly form: Form; readonly hasOwnRange: boolean }) {
  const m = useMessages(messages);
  const length = (period: number): string => (period < 86_400 ? m.hours({ count: period / 3600 }) : m.days({ count: period / 86_400 }));
  const ranges = [
    { value: "page", label: m.ofPage },
    ...ownPeriods.map((period) => ({ value: String(period), label: m.ofLast({ length: length(period) }) })),
    ...(hasOwnRange ? [{ value: "keep", label: m.fixedRange }] : []),
  ];
  const stackings = [
    { value: "", label: m.asUsual },
    { value: "stack", label: m.asStack },
    { value: "lines", label: m.asLines },
  ] as const;
  return (
    <>
      {form.values.kind === "role" && (
        <NativeSelect
          name="stacking"
          label={m.stacking}
          value={form.values.stacking}
          data={stackings.map((one) => ({ ...one }))}
          onChange={(event) => form.set("stacking", stackings.find(({ value }) => value === event.currentTarget.value)?.value ?? "")}
        />
      )}
      <NativeSelect
        name="range"
        label={m.period}
        value={form.values.range}
        data={ranges}
        onChange={(event) => form.set("range", event.currentTarget.value)}
      />
      <Group grow align="flex-start">
        <TextInput {...form.text("min")} label={m.leastValue} inputMode="decimal" />
        <TextInput {...form.text("max")} label={m.mostValue} inputMode="decimal" />
      </Group>
      <Group grow align="flex-start">
        <TextInput {...form.text("lineLabel")} label={m.lineLabel} />
        <TextInput {...form.text("lineValue")} label={m.lineValue} inputMode="decimal" disabled={form.values.lineLabel.trim() === ""} />
      </Group>
    </>
  );
}

function ValueFields({ form }: { readonly form: Form }) {
  const m = useMessages(messages);
  const rules = [
    { value: "", label: m.never },
    { value: ">", label: m.whenAbove },
    { value: "<", label: m.whenBelow },
  ] as const;
  return (
    <>
      <Group grow align="flex-start">
        <NativeSelect
          name="digits"
          label={m.digits}
          value={form.values.digits}
          data={Array.from({ length: 17 }, (_, digits) => String(digits))}
          onChange={(event) => form.set("digits", event.currentTarget.value)}
        />
        <TextInput {...form.text("suffix")} label={m.suffix} />
      </Group>
      <Group grow align="flex-start">
        <NativeSelect
          name="rule"
          label={m.rule}
          value={form.values.rule}
          data={rules.map((one) => ({ ...one }))}
          onChange={(event) => form.set("rule", rules.find(({ value }) => value === event.currentTarget.value)?.value ?? "")}
        />
        {form.values.rule !== "" && <TextInput {...form.text("threshold")} label={m.threshold} inputMode="decimal" />}
        {form.values.rule !== "" && <TextInput {...form.text("ruleName")} label={m.ruleName} />}
      </Group>
    </>
  );
}
