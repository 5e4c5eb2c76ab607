import { wakeIncident } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { actMessages } from "./act-messages.ts";
import { useIncidentChanged, via } from "./use-act.ts";

/** Ends a snooze. */
export function useWake(): (incident: { readonly id: string }) => Promise<void> {
  const m = useMessages(actMessages);
  const call = useCall();
  const toasts = useToasts();
  const problemText = useProblemText();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  return async ({ id }) => {
    try {
      changed(await call(wakeIncident, { params: { org, id }, body: { via } }));
      toasts.show({ text: m.woken });
    } catch (error) {
      toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
}
