import { useQueryClient } from "@tanstack/react-query";
import { changeMapping, type Mapping } from "#wire/prometheus";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { messages } from "./messages.ts";

/** Saves a whole mapping; a newer one of somebody else's is not overwritten. */
export function useSaveMapping(): (mapping: Mapping) => Promise<void> {
  const m = useMessages(messages);
  const call = useCall();
  const client = useQueryClient();
  const toasts = useToasts();
  const org = useOrganisation().name;
  return async (mapping) => {
    const saved = await call(changeMapping, { params: { org }, body: mapping });
    client.setQueryData([org, "prometheus", "mapping"], saved);
    toasts.show({ text: m.saved });
  };
}
