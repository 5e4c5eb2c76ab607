import { MultiSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { setDependencies, type Named } from "#wire/alerts";
import { listHosts } from "#wire/inventory";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { hostName } from "../inventory/host-name.ts";
import { groupingMessages } from "./grouping-messages.ts";

export interface DependenciesDialogProps {
  readonly id: string;
  readonly known: readonly Named[];
  readonly onClose: () => void;
}

/** Says on which hosts a host depends. Hosts are looked for on the server, since there may be thousands. */
export function DependenciesDialog({ id, known, onClose }: DependenciesDialogProps) {
  const m = useMessages(groupingMessages);
  const kit = useMessages(kitMessages);
  const call = useCall();
  const client = useQueryClient();
  const org = useOrganisation().name;
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed.trim(), 250);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map(known.map((host) => [host.id, host.name])));
  const { data } = useQuery({
    queryKey: [org, "hosts", "to-depend-on", text],
    queryFn: ({ signal }) => call(listHosts, { params: { org }, query: { limit: 50, ...(text === "" ? {} : { text }) } }, signal),
  });
  const form = useDialogForm<{ dependsOn: string[] }>({
    schema: setDependencies.body,
    initial: { dependsOn: known.map((host) => host.id) },
    submit: async ({ dependsOn }) => {
      await call(setDependencies, { params: { org, id }, body: { dependsOn } });
      await client.invalidateQueries({ queryKey: [org, "dependencies"] });
    },
    onDone: onClose,
  });
  const found = (data?.hosts ?? []).filter((host) => host.id !== id).map((host) => ({ value: host.id, label: hostName(host) }));
  const chosen = form.values.dependsOn.map((one) => ({ value: one, label: names.get(one) ?? one }));
  const field = form.field("dependsOn");
  return (
    <FormDialog title={m.changeTitle} form={form} action={kit.save} onClose={onClose}>
      <MultiSelect
        label={m.dependencies}
        description={m.dependenciesHint}
        data={[...chosen, ...found.filter((one) => !form.values.dependsOn.includes(one.value))]}
        value={form.values.dependsOn}
        error={field.error}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        nothingFoundMessage={m.foundNone}
        maxValues={50}
        onChange={(ids) => {
          setNames(new Map([...names, ...found.map((one) => [one.value, one.label] as const)]));
          form.set("dependsOn", ids);
        }}
        data-autofocus
      />
    </FormDialog>
  );
}
