import { Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { revokeKey, type Key } from "#wire/keys";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { ConfirmDialog } from "../../kit/ConfirmDialog.tsx";
import { messages } from "./people-messages.ts";

export function RevokeKeyDialog({ apiKey, onClose }: { readonly apiKey: Key; readonly onClose: () => void }) {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  const { id, name, isLocalAgent } = apiKey;
  const revoke = async (): Promise<void> => {
    await call(revokeKey, { params: { org, id } });
    toasts.show({ text: m.revoked({ name }) });
    await client.invalidateQueries({ queryKey: [org, "keys"] });
  };
  const text = (
    <Stack gap="xs">
      <Text size="sm">{m.revokeText}</Text>
      {isLocalAgent && (
        <Text size="sm" fw={600}>
          {m.revokeLocal}
        </Text>
      )}
    </Stack>
  );
  return <ConfirmDialog title={m.revokeTitle({ name })} text={text} action={m.revoke} isDangerous onConfirm={revoke} onClose={onClose} />;
}
