import { MultiSelect, NumberInput, Text, Textarea, TextInput } from "@mantine/core";
import { changeAlertGroupSetting, createAlertGroupSetting, NewAlertGroupSetting, type AlertGroupSetting } from "#wire/routing";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { withChosen } from "../downtimes/ScopeSelects.tsx";
import { useMonitorChoices } from "../downtimes/use-downtimes.ts";
import { roleNamesOf, useServices } from "../inventory/use-services.ts";
import { messages } from "./messages.ts";
import { useRefreshGroups } from "./use-groups.ts";

export interface AlertGroupValues {
  readonly name: string;
  readonly memo: string;
  readonly serviceScopes: readonly string[];
  readonly roleScopes: readonly string[];
  readonly monitorScopes: readonly string[];
  readonly notificationInterval: number | string;
}

const emptyValues: AlertGroupValues = {
  name: "",
  memo: "",
  serviceScopes: [],
  roleScopes: [],
  monitorScopes: [],
  notificationInterval: "",
};

/** What is sent: what is empty is left out. */
export const alertGroupOf = (values: AlertGroupValues): NewAlertGroupSetting => ({
  name: values.name.trim(),
  ...(values.memo === "" ? {} : { memo: values.memo }),
  ...Object.fromEntries(scopeKeys.flatMap((key) => (values[key].length === 0 ? [] : [[key, [...values[key]]]]))),
  ...(values.notificationInterval === "" ? {} : { notificationInterval: Number(values.notificationInterval) }),
});

const scopeKeys = ["serviceScopes", "roleScopes", "monitorScopes"] as const;

interface AlertGroupDialogProps {
  /** Undefined: a new one. */
  readonly setting: AlertGroupSetting | undefined;
  readonly onClose: () => void;
}

/** Creates or changes an alert group setting. */
export function AlertGroupDialog({ setting, onClose }: AlertGroupDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshGroups();
  const org = useOrganisation().name;
  const services = useServices() ?? [];
  const monitors = useMonitorChoices();
  const form = useDialogForm<AlertGroupValues>({
    schema: NewAlertGroupSetting,
    bodyOf: alertGroupOf,
    initial: { ...emptyValues, ...setting },
    submit: async (values) => {
      const body = alertGroupOf(values);
      if (setting) await call(changeAlertGroupSetting, { params: { org, id: setting.id }, body });
      else await call(createAlertGroupSetting, { params: { org }, body });
      toasts.show({ text: setting ? m.changed({ name: body.name }) : m.created({ name: body.name }) });
      await refresh();
    },
    onDone: onClose,
  });
  const lists = [
    ["serviceScopes", m.services, services.map(({ name }) => ({ value: name, label: name }))],
    // Mackerel's clients expect a space here.
    ["roleScopes", m.roles, roleNamesOf(services).map((role) => ({ value: role.replace(":", ": "), label: role.replace(":", ": ") }))],
    ["monitorScopes", m.monitors, monitors],
  ] as const;
  const interval = form.field("notificationInterval");
  return (
    <FormDialog
      title={setting ? m.edit({ name: setting.name }) : m.addAlertGroup}
      form={form}
      action={setting ? kit.save : m.addAlertGroup}
      onClose={onClose}
    >
      <TextInput {...form.text("name")} label={m.name} autoComplete="off" maxLength={255} data-autofocus />
      <Text size="sm" c="dimmed">
        {m.scopeHint}
      </Text>
      {lists.map(([name, label, choices]) => {
        const { value, error, onBlur } = form.field(name);
        return (
          <MultiSelect
            key={name}
            name={name}
            label={label}
            value={[...value]}
            error={error}
            onBlur={onBlur}
            data={withChosen(choices, value, setting?.monitorNames ?? {})}
            onChange={(chosen) => form.set(name, chosen)}
            searchable
            clearable
          />
        );
      })}
      <NumberInput
        name="notificationInterval"
        label={m.interval}
        description={m.intervalHint}
        value={interval.value}
        error={interval.error}
        onBlur={interval.onBlur}
        onChange={interval.onChange}
        min={10}
        allowDecimal={false}
      />
      <Textarea {...form.text("memo")} label={m.memo} autosize minRows={1} maxRows={4} maxLength={2048} />
    </FormDialog>
  );
}
