import { MultiSelect, NativeSelect, TextInput } from "@mantine/core";
import {
  changeNotificationGroup,
  createNotificationGroup,
  NewNotificationGroup,
  type NotificationGroup,
  type RoutedChannel,
} from "#wire/routing";
import { useCall } from "#kit/call";
import { useDialogForm, type DialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { withChosen } from "../downtimes/ScopeSelects.tsx";
import { useMonitorChoices } from "../downtimes/use-downtimes.ts";
import { useServices } from "../inventory/use-services.ts";
import { messages } from "./messages.ts";
import { useGroupName, useRefreshGroups } from "./use-groups.ts";

export interface GroupValues {
  readonly name: string;
  readonly notificationLevel: "all" | "critical";
  readonly childChannelIds: readonly string[];
  readonly childNotificationGroupIds: readonly string[];
  readonly monitors: readonly string[];
  /** Those of the monitors of which the default group is not told. */
  readonly kept: readonly string[];
  readonly services: readonly string[];
}

const emptyValues: GroupValues = {
  name: "",
  notificationLevel: "all",
  childChannelIds: [],
  childNotificationGroupIds: [],
  monitors: [],
  kept: [],
  services: [],
};

export function groupValuesOf(group: NotificationGroup | undefined): GroupValues {
  if (!group) return emptyValues;
  const { name, notificationLevel, childChannelIds, childNotificationGroupIds, monitors = [], services = [] } = group;
  return {
    name,
    notificationLevel,
    childChannelIds,
    childNotificationGroupIds,
    monitors: monitors.map(({ id }) => id),
    kept: monitors.flatMap(({ id, skipDefault }) => (skipDefault ? [id] : [])),
    services: services.map((service) => service.name),
  };
}

/** What is sent. A list that was absent stays absent while it is empty. */
export const groupOf = (values: GroupValues, before?: NotificationGroup): NewNotificationGroup => ({
  name: values.name.trim(),
  notificationLevel: values.notificationLevel,
  childChannelIds: [...values.childChannelIds],
  childNotificationGroupIds: [...values.childNotificationGroupIds],
  ...(values.monitors.length === 0 && before?.monitors === undefined
    ? {}
    : { monitors: values.monitors.map((id) => ({ id, skipDefault: values.kept.includes(id) })) }),
  ...(values.services.length === 0 && before?.services === undefined ? {} : { services: values.services.map((name) => ({ name })) }),
});

export interface GroupDialogProps {
  /** Undefined: a new one. */
  readonly group: NotificationGroup | undefined;
  readonly groups: readonly NotificationGroup[];
  readonly channels: readonly RoutedChannel[];
  readonly onClose: () => void;
}

/** Creates or changes a notification group. */
export function GroupDialog({ group, groups, channels, onClose }: GroupDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const toasts = useToasts();
  const refresh = useRefreshGroups();
  const org = useOrganisation().name;
  const nameOf = useGroupName();
  const form = useDialogForm<GroupValues>({
    schema: NewNotificationGroup,
    bodyOf: (values) => groupOf(values, group),
    initial: groupValuesOf(group),
    submit: async (values) => {
      const body = groupOf(values, group);
      if (group) await call(changeNotificationGroup, { params: { org, id: group.id }, body });
      else await call(createNotificationGroup, { params: { org }, body });
      const name = group ? nameOf({ ...group, name: body.name }) : body.name;
      toasts.show({ text: group ? m.changed({ name }) : m.created({ name }) });
      await refresh();
    },
    onDone: onClose,
  });
  return (
    <FormDialog
      title={group ? m.edit({ name: nameOf(group) }) : m.add}
      form={form}
      action={group ? kit.save : m.add}
      onClose={onClose}
      size="lg"
    >
      {group?.type !== "group-default" && (
        <TextInput {...form.text("name")} label={m.name} autoComplete="off" maxLength={255} data-autofocus />
      )}
      <NativeSelect
        name="notificationLevel"
        label={m.level}
        description={m.levelHint}
        value={form.values.notificationLevel}
        data={[
          { value: "all", label: m.levelAll },
          { value: "critical", label: m.levelCritical },
        ]}
        onChange={(event) => form.set("notificationLevel", event.currentTarget.value === "critical" ? "critical" : "all")}
      />
      <Members form={form} group={group} groups={groups} channels={channels} />
    </FormDialog>
  );
}

type Form = DialogForm<GroupValues>;
type ListKey = "childChannelIds" | "childNotificationGroupIds" | "monitors" | "kept" | "services";

interface ListProps {
  readonly form: Form;
  readonly name: ListKey;
  readonly label: string;
  readonly hint?: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly names?: Readonly<Record<string, string>>;
}

function ListField({ form, name, label, hint, choices, names }: ListProps) {
  const { value, error, onBlur } = form.field(name);
  return (
    <MultiSelect
      name={name}
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      value={[...value]}
      error={error}
      onBlur={onBlur}
      data={withChosen(choices, value, names)}
      onChange={(chosen) => form.set(name, chosen)}
      searchable
      clearable
    />
  );
}

function Members({ form, group, groups, channels }: Omit<GroupDialogProps, "onClose"> & { readonly form: Form }) {
  const m = useMessages(messages);
  const nameOf = useGroupName();
  const monitors = useMonitorChoices();
  const services = useServices() ?? [];
  const others = groups.filter(({ id }) => id !== group?.id).map((one) => ({ value: one.id, label: nameOf(one) }));
  const names = group?.monitorNames ?? {};
  const { monitors: chosen, kept } = form.values;
  const chosenMonitors = withChosen(monitors, chosen, names).filter(({ value }) => chosen.includes(value));
  return (
    <>
      <ListField
        form={form}
        name="childChannelIds"
        label={m.childChannels}
        choices={channels.map(({ id, name }) => ({ value: id, label: name }))}
      />
      {others.length > 0 && (
        <ListField form={form} name="childNotificationGroupIds" label={m.childGroups} hint={m.childGroupsHint} choices={others} />
      )}
      <ListField
        form={form}
        name="services"
        label={m.services}
        hint={m.servicesHint}
        choices={services.map(({ name }) => ({ value: name, label: name }))}
      />
      <ListField form={form} name="monitors" label={m.monitors} hint={m.monitorsHint} choices={monitors} names={names} />
      {group?.type !== "group-default" && chosen.length > 0 && (
        <ListField
          form={{ ...form, values: { ...form.values, kept: kept.filter((id) => chosen.includes(id)) } }}
          name="kept"
          label={m.skipDefault}
          hint={m.skipDefaultHint}
          choices={chosenMonitors}
          names={names}
        />
      )}
    </>
  );
}
