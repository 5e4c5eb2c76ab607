import { useQueryClient } from "@tanstack/react-query";
import { revokeZabbixPsk, type ZabbixPsk } from "#wire/zabbix";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { messages } from "./messages.ts";

export function RevokePskDialog({ psk, onClose }: { readonly psk: ZabbixPsk; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const name = psk.identity;
  const revoke = async (): Promise<void> => {
    await call(revokeZabbixPsk, { params: { org, id: psk.id } });
    toasts.show({ text: m.revoked({ name }) });
    await client.invalidateQueries({ queryKey: [org, "zabbix"] });
  };
  return (
    <ConfirmDialog title={m.revokeTitle({ name })} text={m.revokeText} action={m.revoke} isDangerous onConfirm={revoke} onClose={onClose} />
  );
}
