import { Radio, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { MappingRule, ruleActions } from "#wire/prometheus";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { messages } from "./messages.ts";
import { linesOf, pairsOf, wordsOf } from "./texts.ts";

interface Values {
  readonly metric: string;
  /** `name=value`, one a line. */
  readonly labels: string;
  readonly action: MappingRule["action"];
  readonly service: string;
  readonly name: string;
  readonly as: MappingRule["as"];
  readonly keeps: "all" | "some";
  readonly keepLabels: string;
  readonly combine: MappingRule["combine"];
}

const newRule: MappingRule = { metric: "", labels: [], action: "host", as: "auto", combine: "sum" };

const valuesOf = ({ metric, labels, action, service = "", name = "", as, keepLabels, combine }: MappingRule): Values => ({
  metric,
  labels: linesOf(labels),
  action,
  service,
  name,
  as,
  keeps: keepLabels === undefined ? "all" : "some",
  keepLabels: keepLabels?.join(" ") ?? "",
  combine,
});

/** Only what the action needs. */
function ruleOf(values: Values): MappingRule {
  const { metric, labels, action, service, name, as, keeps, keepLabels, combine } = values;
  const base = { metric: metric.trim(), labels: pairsOf(labels) ?? [], action, as, combine };
  if (action === "drop") return { ...base, as: "auto", combine: "sum" };
  return {
    ...base,
    ...(action === "service" ? { service: service.trim() } : {}),
    ...(name.trim() === "" ? {} : { name: name.trim() }),
    ...(keeps === "some" ? { keepLabels: wordsOf(keepLabels) } : {}),
  };
}

interface RuleDialogProps {
  /** Undefined: a new one. */
  readonly rule: MappingRule | undefined;
  readonly onSave: (rule: MappingRule) => Promise<void>;
  readonly onClose: () => void;
}

/** One rule of the mapping. */
export function RuleDialog({ rule, onSave, onClose }: RuleDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const form = useDialogForm<Values>({
    schema: MappingRule,
    bodyOf: ruleOf,
    initial: valuesOf(rule ?? newRule),
    hints: { service: m.serviceWrong, name: m.metricNameWrong },
    rules: (values) => ({
      ...(pairsOf(values.labels) ? {} : { labels: m.labelsWrong }),
      ...(values.action === "host" && values.name.trim() !== "" && !values.name.trim().startsWith("custom.")
        ? { name: m.metricNameWrong }
        : {}),
    }),
    submit: (values) => onSave(ruleOf(values)),
    onDone: onClose,
  });
  return (
    <FormDialog title={rule ? m.editRule : m.addRule} form={form} action={rule ? kit.save : m.addRule} onClose={onClose}>
      <RuleFields form={form} />
    </FormDialog>
  );
}

function RuleFields({ form }: { readonly form: DialogForm<Values> }) {
  const m = useMessages(messages);
  const { values } = form;
  const plain = { autoComplete: "off", spellCheck: false } as const;
  return (
    <>
      <TextInput {...form.text("metric")} {...plain} label={m.metric} description={m.metricHint} data-autofocus />
      <Textarea {...form.text("labels")} label={m.ruleLabels} description={m.ruleLabelsHint} autosize minRows={2} spellCheck={false} />
      <Radio.Group
        name="action"
        label={m.action}
        value={values.action}
        onChange={(text) => form.set("action", ruleActions.find((one) => one === text) ?? "host")}
      >
        <Stack gap="xs" mt={6}>
          {ruleActions.map((action) => (
            <Radio key={action} value={action} label={m[`action-${action}`]} />
          ))}
        </Stack>
      </Radio.Group>
      {values.action === "service" && <TextInput {...form.text("service")} {...plain} label={m.service} description={m.serviceHint} />}
      {values.action !== "drop" && <KeptFields form={form} />}
    </>
  );
}

/** How what is kept is called and put together. */
function KeptFields({ form }: { readonly form: DialogForm<Values> }) {
  const m = useMessages(messages);
  const { values } = form;
  const plain = { autoComplete: "off", spellCheck: false } as const;
  const kinds = ["auto", "gauge", "rate"] as const;
  const ways = ["sum", "mean", "max"] as const;
  return (
    <>
      <TextInput {...form.text("name")} {...plain} label={m.metricName} description={m.metricNameHint} />
      <Select
        label={m.as}
        value={values.as}
        allowDeselect={false}
        data={kinds.map((value) => ({ value, label: m[`as-${value}`] }))}
        onChange={(text) => form.set("as", kinds.find((one) => one === text) ?? "auto")}
      />
      <Radio.Group
        name="keeps"
        label={m.keepLabels}
        value={values.keeps}
        onChange={(text) => form.set("keeps", text === "some" ? "some" : "all")}
      >
        <Stack gap="xs" mt={6}>
          <Radio value="all" label={m.keepLabelsAll} />
          <Radio value="some" label={m.keepLabelsSome} />
        </Stack>
      </Radio.Group>
      {values.keeps === "some" && (
        <TextInput {...form.text("keepLabels")} {...plain} aria-label={m.keepLabelsSome} description={m.keepLabelsHint} />
      )}
      {(values.keeps === "some" || values.action === "service") && (
        <Select
          label={m.combine}
          value={values.combine}
          allowDeselect={false}
          data={ways.map((value) => ({ value, label: m[`combine-${value}`] }))}
          onChange={(text) => form.set("combine", ways.find((one) => one === text) ?? "sum")}
        />
      )}
    </>
  );
}
