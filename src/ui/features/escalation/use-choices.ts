import { useQuery } from "@tanstack/react-query";
import { listCalendars, listSchedules, listTeams } from "#wire/duty";
import type { StepTarget } from "#wire/escalation";
import { listMembers } from "#wire/identity";
import { listChannels } from "#wire/notify";
import { useCall } from "#kit/call";
import { useMessages } from "#kit/messages";
import { useOrganisation } from "#kit/session";
import { keyOfTarget } from "./draft.ts";
import { messages } from "./messages.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What policies can name. */
export interface Choices {
  readonly people: readonly Named[];
  readonly schedules: readonly Named[];
  readonly teams: readonly Named[];
  readonly channels: readonly Named[];
  readonly calendars: readonly Named[];
}

const nothing: Choices = { people: [], schedules: [], teams: [], channels: [], calendars: [] };

export function useChoices(): Choices {
  const call = useCall();
  const org = useOrganisation().name;
  const params = { org };
  const { data } = useQuery({
    queryKey: [org, "escalation", "choices"],
    queryFn: async ({ signal }): Promise<Choices> => {
      const [members, { schedules }, { teams }, { channels }, { calendars }] = await Promise.all([
        call(listMembers, { params, query: { limit: 200 } }, signal),
        call(listSchedules, { params }, signal),
        call(listTeams, { params }, signal),
        call(listChannels, { params }, signal),
        call(listCalendars, { params }, signal),
      ]);
      return { people: members.members.filter(({ state }) => state === "active"), schedules, teams, channels, calendars };
    },
  });
  return data ?? nothing;
}

export interface TargetGroup {
  readonly group: string;
  readonly items: readonly { readonly value: string; readonly label: string }[];
}

/** Everybody who can be told, in groups, with what lists show for them. */
export function useTargetGroups({ people, schedules, teams, channels }: Choices): TargetGroup[] {
  const m = useMessages(messages);
  const item = (target: StepTarget, label: string) => ({ value: keyOfTarget(target), label });
  return [
    {
      group: m.groupSchedules,
      items: schedules.flatMap(({ id, name }) => [
        item({ kind: "schedule", scheduleId: id, who: "now" }, m.onDuty({ name })),
        item({ kind: "schedule", scheduleId: id, who: "next" }, m.nextOnDuty({ name })),
      ]),
    },
    { group: m.groupPeople, items: people.map(({ id, name }) => item({ kind: "person", personId: id }, name)) },
    {
      group: m.groupTeams,
      items: teams.flatMap(({ id, name }) => [
        item({ kind: "team", teamId: id, how: "in-order" }, m.teamInOrder({ name })),
        item({ kind: "team", teamId: id, how: "at-once" }, m.teamAtOnce({ name })),
        item({ kind: "lead", teamId: id }, m.lead({ name })),
      ]),
    },
    { group: m.groupChannels, items: channels.map(({ id, name }) => item({ kind: "channel", channelId: id }, m.channel({ name }))) },
    { group: m.groupOthers, items: [item({ kind: "owners" }, m.owners)] },
  ].filter(({ items }) => items.length > 0);
}

/** How a target is called, by the names that an answer of the server brought or the lists to choose from. */
export function useTargetText(names: Readonly<Record<string, string>>): (target: StepTarget) => string {
  const m = useMessages(messages);
  const named = (kind: string, id: string): string => names[`${kind}:${id}`] ?? m.unknown;
  return (target) => {
    switch (target.kind) {
      case "person":
        return named("person", target.personId);
      case "schedule": {
        const name = named("schedule", target.scheduleId);
        return target.who === "now" ? m.onDuty({ name }) : m.nextOnDuty({ name });
      }
      case "team": {
        const name = named("team", target.teamId);
        return target.how === "in-order" ? m.teamInOrder({ name }) : m.teamAtOnce({ name });
      }
      case "lead":
        return m.lead({ name: named("team", target.teamId) });
      case "owners":
        return m.owners;
      case "channel":
        return m.channel({ name: named("channel", target.channelId) });
    }
  };
}

/** The names of everything that can be chosen, as answers of the server name them. */
export function namesOf({ people, schedules, teams, channels, calendars }: Choices): Record<string, string> {
  const names: Record<string, string> = {};
  const add = (kind: string, all: readonly Named[]): void => {
    for (const { id, name } of all) names[`${kind}:${id}`] = name;
  };
  add("person", people);
  add("schedule", schedules);
  add("team", teams);
  add("channel", channels);
  add("calendar", calendars);
  return names;
}
