import type { UnixMs } from "#base/duration";
import { dateText } from "#base/wall-time";
import type { Schedule, ScheduleInput } from "#wire/duty";
import type { Layer, Rotation } from "#wire/duty-shapes";
import { dayAt } from "./timeline-model.ts";

/** What the editor holds: a schedule as it is saved, with keys for its layers so that they can be moved about. */
export interface Draft extends Omit<ScheduleInput, "layers" | "teamId" | "channelId" | "memo"> {
  readonly memo: string;
  /** Empty: none. */
  readonly teamId: string;
  readonly channelId: string;
  readonly layers: readonly KeyedLayer[];
}

export interface KeyedLayer {
  readonly key: number;
  readonly layer: Layer;
}

export function draftOf(schedule: Schedule | undefined, timeZone: string): Draft {
  if (!schedule) return { name: "", memo: "", timeZone, teamId: "", channelId: "", tellsPeople: true, layers: [] };
  const { name, memo, tellsPeople, teamId = "", channelId = "", layers } = schedule;
  return {
    name,
    memo,
    timeZone: schedule.timeZone,
    teamId,
    channelId,
    tellsPeople,
    layers: layers.map((layer, key) => ({ key, layer })),
  };
}

export function inputOf({ teamId, channelId, layers, ...draft }: Draft): ScheduleInput {
  return {
    ...draft,
    name: draft.name.trim(),
    layers: layers.map(({ layer }) => layer),
    ...(teamId === "" ? {} : { teamId }),
    ...(channelId === "" ? {} : { channelId }),
  };
}

const nextKey = (layers: readonly KeyedLayer[]): number => Math.max(-1, ...layers.map(({ key }) => key)) + 1;

export const withLayer = (draft: Draft, layer: Layer): Draft => ({
  ...draft,
  layers: [...draft.layers, { key: nextKey(draft.layers), layer }],
});

export const changedLayer = (draft: Draft, key: number, layer: Layer): Draft => ({
  ...draft,
  layers: draft.layers.map((one) => (one.key === key ? { key, layer } : one)),
});

export const withoutLayer = (draft: Draft, key: number): Draft => ({ ...draft, layers: draft.layers.filter((one) => one.key !== key) });

/** Moves a layer up (1) or down (-1) in what wins over what. */
export const movedLayer = (draft: Draft, key: number, by: 1 | -1): Draft => ({
  ...draft,
  layers: moved(
    draft.layers,
    draft.layers.findIndex((one) => one.key === key),
    by,
  ),
});

/** The list with the entry at `index` moved by some places; unchanged at its ends. */
export function moved<T>(list: readonly T[], index: number, by: number): readonly T[] {
  const to = index + by;
  const entry = list[index];
  if (entry === undefined || to < 0 || to >= list.length) return list;
  const rest = list.filter((_, at) => at !== index);
  return [...rest.slice(0, to), entry, ...rest.slice(to)];
}

export const templates = ["weekly", "daily", "office", "nights", "weekends"] as const;
export type Template = (typeof templates)[number];

const allDays = [0, 1, 2, 3, 4, 5, 6];

/** A layer to begin with; it starts today, weekly ones on this week's Monday. */
export function layerFrom(template: Template, name: string, now: UnixMs, timeZone: string): Rotation {
  const today = dayAt(now, timeZone);
  const monday = today - ((today + 3) % 7);
  const weekly: Rotation = {
    kind: "rotation",
    name,
    people: [],
    length: 1,
    unit: "week",
    start: `${dateText(monday)}T09:00`,
    handOver: "09:00",
  };
  switch (template) {
    case "weekly":
      return weekly;
    case "daily":
      return { ...weekly, unit: "day", start: `${dateText(today)}T09:00` };
    case "office":
      return { ...weekly, restriction: { calendar: { id: "business-days", when: "working-time" } } };
    case "nights":
      return { ...weekly, restriction: { hours: [{ weekdays: allDays, from: "22:00", to: "07:00" }] } };
    case "weekends":
      return { ...weekly, restriction: { calendar: { id: "weekdays", when: "day-off" } } };
  }
}

/** Fields that a rotation's form shows apart although the schedule keeps them together. */
export const startDate = (rotation: Rotation): string => rotation.start.slice(0, 10);

/** With another first day or hand-over time: the first turn begins at the hand-over. */
export function withStart(rotation: Rotation, date: string, handOver: string): Rotation {
  return { ...rotation, start: `${date}T${handOver}`, handOver };
}

export function withUntil(rotation: Rotation, date: string): Rotation {
  const { until: _, ...rest } = rotation;
  return date === "" ? rest : { ...rest, until: `${date}T${rotation.handOver}` };
}
