import { NativeSelect, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getOrganisation } from "#wire/identity";
import { changeRole, type Role } from "#wire/services";
import { useCall } from "#kit/call";
import { useDialogForm } from "#kit/dialog-form";
import { useFormat } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { FormDialog } from "../../kit/FormDialog.tsx";
import { choicesWith, lengthOf } from "./no-data.ts";
import { messages } from "./service-messages.ts";

export interface NoDataDialogProps {
  readonly service: string;
  readonly role: Role;
  readonly onClose: () => void;
}

/** After how long without data the role's hosts count as silent. */
export function NoDataDialog({ service, role, onClose }: NoDataDialogProps) {
  const m = useMessages(messages);
  const kit = useMessages(kitMessages);
  const format = useFormat();
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const organisation = useQuery({
    queryKey: [org, "organisation"],
    queryFn: ({ signal }) => call(getOrganisation, { params: { org } }, signal),
  });
  const inherited = organisation.data?.noDataMinutes;
  const form = useDialogForm({
    initial: { noDataMinutes: role.noDataMinutes?.toString() ?? "" },
    submit: async ({ noDataMinutes }) => {
      const value = noDataMinutes === "" ? null : Number(noDataMinutes);
      await call(changeRole, { params: { org, service, role: role.name }, body: { noDataMinutes: value } });
      toasts.show({ text: m.saved });
      await client.invalidateQueries({ queryKey: [org, "service", service] });
    },
    onDone: onClose,
  });
  return (
    <FormDialog title={m.noData} form={form} action={kit.save} onClose={onClose}>
      <Text size="sm">{m.noDataText}</Text>
      <NativeSelect
        label={m.noDataAfter}
        name="noDataMinutes"
        data-autofocus
        data={[
          {
            value: "",
            label: inherited === undefined ? m.asOrganisation : m.asOrganisationHas({ time: format.duration(lengthOf(inherited)) }),
          },
          ...choicesWith(role.noDataMinutes).map((value) => ({ value: String(value), label: format.duration(lengthOf(value)) })),
        ]}
        value={form.values.noDataMinutes}
        onChange={(event) => form.set("noDataMinutes", event.currentTarget.value)}
      />
    </FormDialog>
  );
}
