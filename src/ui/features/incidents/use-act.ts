import { useQueryClient } from "@tanstack/react-query";
import { unixMs } from "#base/duration";
import { getIncident, releaseIncident, takeIncident, type Incident } from "#wire/incidents";
import { CallError, useCall } from "#kit/call";
import { useFormat } from "#kit/format";
import { useMessages } from "#kit/messages";
import { useProblemText } from "#kit/problems";
import { useOrganisation } from "#kit/session";
import { useToasts } from "#kit/toasts";
import { actMessages } from "./act-messages.ts";

/** Everything that acts on incidents: the console says that it was the console. */
export const via = "console" as const;

/** Shows an answer at once where the incident is on the screen, and asks anew for lists. */
export function useIncidentChanged(): (incident: Incident) => void {
  const client = useQueryClient();
  const org = useOrganisation().name;
  return (incident) => {
    client.setQueryData([org, "incident", incident.id], incident);
    void client.invalidateQueries({ queryKey: [org, "incidents"] });
    void client.invalidateQueries({ queryKey: [org, "incident", incident.id, "timeline"] });
    void client.invalidateQueries({ queryKey: [org, "incident", incident.id, "escalation"] });
  };
}

/** Takes an incident, and offers to give it back; whoever loses the race is told who won. */
export function useTake(): (incident: { readonly id: string }) => Promise<void> {
  const m = useMessages(actMessages);
  const call = useCall();
  const toasts = useToasts();
  const format = useFormat();
  const problemText = useProblemText();
  const changed = useIncidentChanged();
  const org = useOrganisation().name;
  const tellWhoWon = async (id: string): Promise<void> => {
    const now = await call(getIncident, { params: { org, id } });
    changed(now);
    const text =
      now.responder && now.takenAt !== undefined
        ? m.alreadyTaken({ name: now.responder.name, time: format.time(unixMs(now.takenAt)) })
        : m.alreadyOver;
    toasts.show({ kind: "problem", text });
  };
  return async ({ id }) => {
    try {
      changed(await call(takeIncident, { params: { org, id }, body: { via } }));
      const undo = async (): Promise<void> => changed(await call(releaseIncident, { params: { org, id }, body: { via } }));
      toasts.show({ text: m.youTook, undo });
    } catch (error) {
      if (error instanceof CallError && error.code === "conflict") await tellWhoWon(id).catch(() => undefined);
      else toasts.show({ kind: "problem", text: problemText(error) });
    }
  };
}
