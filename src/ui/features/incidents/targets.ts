import type { StepTarget } from "#wire/escalation";
import type { Messages } from "#kit/messages";
import { nextMessages } from "./next-messages.ts";

type Texts = typeof nextMessages extends Messages<infer T> ? Messages<T>["en"] : never;

/** Names by `person:<id>`, `schedule:<id>`, `team:<id>`, `channel:<id>`. */
export type NamesById = Readonly<Record<string, string>>;

/** Whom a step of an escalation tells, for people. */
export function targetText(target: StepTarget, names: NamesById, m: Texts): string {
  const named = (kind: string, id: string): string => names[`${kind}:${id}`] ?? m.somebody;
  switch (target.kind) {
    case "person":
      return named("person", target.personId);
    case "schedule": {
      const name = named("schedule", target.scheduleId);
      return target.who === "now" ? m.onDutyOf({ name }) : m.nextOnDutyOf({ name });
    }
    case "team":
      return m.team({ name: named("team", target.teamId) });
    case "lead":
      return m.leadOf({ name: named("team", target.teamId) });
    case "owners":
      return m.owners;
    case "channel":
      return named("channel", target.channelId);
  }
}

/** Minutes and seconds until something, "1:40"; from an hour on hours before them, "2:05:00". */
export function countdown(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
