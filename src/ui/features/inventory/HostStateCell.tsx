import type { HostStatus } from "#wire/inventory";
import { useMessages } from "#kit/messages";
import { useStatusNames } from "#kit/statuses";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { messages } from "./messages.ts";

const tones: Readonly<Record<HostStatus, Tone>> = { working: "good", standby: "waiting", maintenance: "attention", poweroff: "off" };

/** The state of a host: its status, or that it is retired. */
export function HostStateCell({ status, isRetired }: { readonly status: HostStatus; readonly isRetired: boolean }) {
  const m = useMessages(messages);
  const names = useStatusNames();
  return isRetired ? <StateCell tone="off" label={m.retired} /> : <StateCell tone={tones[status]} label={names[status]} />;
}
