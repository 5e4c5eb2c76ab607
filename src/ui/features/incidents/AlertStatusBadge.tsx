import type { AlertStatus } from "#wire/alerting";
import { useMessages } from "#kit/messages";
import { StateCell, type Tone } from "../../kit/cells.tsx";
import { alertMessages } from "./alert-messages.ts";

const tones: Readonly<Record<AlertStatus, Tone>> = { OK: "good", WARNING: "attention", CRITICAL: "bad", UNKNOWN: "off" };

export function AlertStatusBadge({ status }: { readonly status: AlertStatus }) {
  const m = useMessages(alertMessages);
  return <StateCell tone={tones[status]} label={m[status]} />;
}
