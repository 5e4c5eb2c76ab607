import type { Channel } from "#wire/notify";
import type { Tone } from "../../kit/cells.tsx";

export type ChannelState = "unused" | "ok" | "failing" | "suspended";

export function stateOf({ suspendedAt, lastState }: Channel): ChannelState {
  if (suspendedAt !== undefined) return "suspended";
  if (lastState === undefined) return "unused";
  return lastState === "sent" ? "ok" : "failing";
}

export const stateTones: Readonly<Record<ChannelState, Tone>> = { unused: "off", ok: "good", failing: "attention", suspended: "bad" };

/** Where a channel leads, as far as that is no secret. */
export function targetOf({ emails = [], personIds = [], room, host }: Channel, members: ReadonlyMap<string, string>): string {
  const people = personIds.map((id) => members.get(id) ?? id);
  const parts = [...emails, ...people];
  if (parts.length > 3) return `${parts.slice(0, 3).join(", ")} +${parts.length - 3}`;
  if (parts.length > 0) return parts.join(", ");
  return [host, room].filter((part) => part !== undefined && part !== "").join(" · ");
}
