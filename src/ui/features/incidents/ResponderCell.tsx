import { Text } from "@mantine/core";
import type { IncidentSummary } from "#wire/incidents";
import { useMessages } from "#kit/messages";
import { StateCell } from "../../kit/cells.tsx";
import { messages } from "./messages.ts";

/** Who has an incident; that nobody does is said as loudly as in a list it can be. */
export function ResponderCell({ incident }: { readonly incident: Pick<IncidentSummary, "state" | "responder" | "lastResponder"> }) {
  const m = useMessages(messages);
  const { state, responder, lastResponder } = incident;
  if (responder) {
    return (
      <Text span inherit fw={500}>
        {responder.name}
      </Text>
    );
  }
  if (state === "open") return <StateCell tone="bad" label={m.nobody} />;
  return (
    <Text span inherit c="dimmed">
      {lastResponder ? m.had({ name: lastResponder.name }) : m.resolved}
    </Text>
  );
}
