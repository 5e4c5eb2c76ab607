import { Button, Collapse, MultiSelect, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listHosts } from "#wire/inventory";
import { useCall } from "#kit/call";
import type { DialogForm } from "#kit/dialog-form";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { hostName } from "../inventory/host-name.ts";
import { roleNamesOf, useServices } from "../inventory/use-services.ts";
import type { DowntimeValues, ScopeField } from "./downtime-form.ts";
import { messages } from "./messages.ts";
import { useMonitorChoices } from "./use-downtimes.ts";

type Form = DialogForm<DowntimeValues>;

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What was chosen stays among what is offered, though it may be gone. */
export function withChosen(choices: readonly Choice[], chosen: readonly string[], names: Readonly<Record<string, string>> = {}): Choice[] {
  const known = new Set(choices.map(({ value }) => value));
  return [...choices, ...chosen.filter((value) => !known.has(value)).map((value) => ({ value, label: names[value] ?? value }))];
}

interface SelectProps {
  readonly form: Form;
  readonly name: ScopeField;
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly names?: Readonly<Record<string, string>>;
}

function ScopeSelect({ form, name, label, choices, names }: SelectProps) {
  const { value, error, onBlur } = form.field(name);
  return (
    <MultiSelect
      name={name}
      label={label}
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

interface ScopesProps {
  readonly form: Form;
  /** What people call the ids that were chosen before. */
  readonly names: Readonly<Record<string, string>>;
}

/** What a downtime covers, and behind a button what it leaves out. */
export function ScopeSelects({ form, names }: ScopesProps) {
  const m = useMessages(messages);
  const services = useServices() ?? [];
  const monitors = useMonitorChoices();
  const plain = (all: readonly string[]): Choice[] => all.map((value) => ({ value, label: value }));
  const serviceChoices = plain(services.map((service) => service.name));
  const roleChoices = plain(roleNamesOf(services));
  const { serviceExcludeScopes, roleExcludeScopes, monitorExcludeScopes } = form.values;
  const hasExcluded = serviceExcludeScopes.length + roleExcludeScopes.length + monitorExcludeScopes.length > 0;
  const [isOpen, setOpen] = useState(hasExcluded);
  return (
    <>
      <Text size="sm" c="dimmed">
        {m.scopeHint}
      </Text>
      <ScopeSelect form={form} name="serviceScopes" label={m.services} choices={serviceChoices} />
      <ScopeSelect form={form} name="roleScopes" label={m.roles} choices={roleChoices} />
      <HostSelect form={form} names={names} />
      <ScopeSelect form={form} name="monitorScopes" label={m.monitors} choices={monitors} names={names} />
      <div>
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {m.except}
        </Button>
      </div>
      <Collapse expanded={isOpen}>
        <Stack gap="md">
          <ScopeSelect form={form} name="serviceExcludeScopes" label={m.exceptServices} choices={serviceChoices} />
          <ScopeSelect form={form} name="roleExcludeScopes" label={m.exceptRoles} choices={roleChoices} />
          <ScopeSelect form={form} name="monitorExcludeScopes" label={m.exceptMonitors} choices={monitors} names={names} />
        </Stack>
      </Collapse>
    </>
  );
}

/** Hosts are too many for a list: they are found as somebody types. */
function HostSelect({ form, names }: ScopesProps) {
  const m = useMessages(messages);
  const call = useCall();
  const org = useOrganisation().name;
  const [text, setText] = useState("");
  const { value, error, onBlur } = form.field("hostScopes");
  const query = { limit: 50, ...(text === "" ? {} : { text }) };
  const { data: found = [] } = useQuery({
    queryKey: [org, "hosts", "picker", text],
    queryFn: async ({ signal }) => {
      const { hosts } = await call(listHosts, { params: { org }, query }, signal);
      return hosts.map((host) => ({ value: host.id, label: hostName(host) }));
    },
    placeholderData: keepPreviousData,
  });
  const [known, setKnown] = useState(names);
  return (
    <MultiSelect
      name="hostScopes"
      label={m.hosts}
      value={[...value]}
      error={error}
      onBlur={onBlur}
      data={withChosen(found, value, known)}
      filter={({ options }) => options}
      onSearchChange={(next) => setText(next.slice(0, 100))}
      onChange={(chosen) => {
        setKnown({ ...known, ...Object.fromEntries(found.map((one) => [one.value, one.label])) });
        form.set("hostScopes", chosen);
      }}
      searchable
      clearable
    />
  );
}
