import type { AlertStatus } from "#wire/alerting";
import type { ChannelEvent } from "#wire/notify";
import type { NotificationLevel } from "#wire/routing";

/** A notification group: which alerts it hears of, and to whom it hands them on. */
export interface Group {
  readonly id: string;
  readonly name: string;
  /** Hears of everything, except of monitors that another group keeps to itself. */
  readonly isDefault: boolean;
  readonly level: NotificationLevel;
  readonly channelIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly monitors: ReadonlyMap<string, { readonly skipDefault: boolean }>;
  /** Ids of services. */
  readonly serviceIds: ReadonlySet<string>;
}

/** What groups ask about an alert. */
export interface Heard {
  /** Id of the monitor or check; undefined for what no monitor found. */
  readonly monitorId: string | undefined;
  /** Services of its host, or its own. */
  readonly serviceIds: readonly string[];
  readonly status: AlertStatus;
  /** It had been CRITICAL at any time. */
  readonly wasCritical: boolean;
}

/** How an alert gets to a channel: the groups from the one that hears of it to the one that has the channel. */
export interface Way {
  readonly channelId: string;
  readonly groupIds: readonly string[];
}

/** Why a group does not hand an alert on. */
export type Silence = { readonly groupId: string; readonly because: "level" };

export interface Ways {
  /** One for each channel: the first that was found. */
  readonly ways: readonly Way[];
  readonly silences: readonly Silence[];
}

/** CRITICAL and UNKNOWN, and OK of what had been critical. */
export const passesLevel = (level: NotificationLevel, { status, wasCritical }: Pick<Heard, "status" | "wasCritical">): boolean =>
  level === "all" || status === "CRITICAL" || status === "UNKNOWN" || (status === "OK" && wasCritical);

/** The groups that hear of an alert by themselves. */
export function hearingGroups(groups: readonly Group[], { monitorId, serviceIds }: Heard): Group[] {
  const named = (group: Group) => (monitorId === undefined ? undefined : group.monitors.get(monitorId));
  const isKept = groups.some((group) => named(group)?.skipDefault === true && !group.isDefault);
  return groups.filter((group) => {
    if (group.isDefault && !isKept) return true;
    return named(group) !== undefined || serviceIds.some((id) => group.serviceIds.has(id));
  });
}

/** Where an alert goes: through groups and the groups within them, each channel once, however many ways lead to it. */
export function waysOf(groups: readonly Group[], heard: Heard): Ways {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const ways = new Map<string, Way>();
  const silences = new Map<string, Silence>();
  const visited = new Set<string>();
  const walk = (group: Group, before: readonly string[]): void => {
    if (visited.has(group.id)) return; // groups that contain each other are walked once
    visited.add(group.id);
    if (!passesLevel(group.level, heard)) {
      silences.set(group.id, { groupId: group.id, because: "level" });
      return;
    }
    const groupIds = [...before, group.id];
    for (const channelId of group.channelIds) if (!ways.has(channelId)) ways.set(channelId, { channelId, groupIds });
    for (const id of group.groupIds) {
      const child = byId.get(id);
      if (child) walk(child, groupIds);
    }
  };
  for (const group of hearingGroups(groups, heard)) walk(group, []);
  return { ways: [...ways.values()], silences: [...silences.values()] };
}

/** A channel as far as routing knows it. */
export interface RoutedChannel {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly events: ReadonlySet<ChannelEvent>;
  /** Pictures of graphs go with its messages. */
  readonly hasPictures: boolean;
  readonly isSuspended: boolean;
}

/** Programs get each message; people get one that sums up when there are too many. */
export const isProgram = ({ type }: Pick<RoutedChannel, "type">): boolean => type === "webhook" || type === "signed-webhook";

/** Whether a channel is told of an alert by itself: not when it is told of its alert group instead. */
export const hearsAlert = ({ events }: RoutedChannel, isGrouped: boolean): boolean =>
  events.has("alert") && !(isGrouped && events.has("alertGroup"));

/** What has lately gone to a channel. */
export interface Pace {
  /** When the count began. */
  readonly since: number;
  readonly count: number;
  /** When what is being collected goes out; undefined while nothing is. */
  readonly collectingUntil: number | undefined;
  /** Summaries in a row without a pause between them. */
  readonly summaries: number;
}

export interface PaceRule {
  /** More messages than this within the time below are summed up. */
  readonly most: number;
  readonly within: number;
}

export const noPace: Pace = { since: 0, count: 0, collectingUntil: undefined, summaries: 0 };

const firstSummaryAfter = 5_000;
const longestCollecting = 60_000;

/**
 * What becomes of `more` messages that are due for a channel now: they go out one by one, or are collected into one that sums up. The longer
 * a storm lasts, the longer each summary collects.
 */
export function paced(pace: Pace, rule: PaceRule, at: number, more: number): { readonly pace: Pace; readonly isCollected: boolean } {
  if (pace.collectingUntil !== undefined) return { pace: { ...pace, count: pace.count + more }, isCollected: true };
  const isOver = at >= pace.since + rule.within;
  const count = (isOver ? 0 : pace.count) + more;
  const since = isOver ? at : pace.since;
  const summaries = isOver ? 0 : pace.summaries;
  if (count <= rule.most) return { pace: { since, count, collectingUntil: undefined, summaries }, isCollected: false };
  const wait = Math.min(longestCollecting, firstSummaryAfter * 2 ** summaries);
  return { pace: { since, count, collectingUntil: at + wait, summaries }, isCollected: true };
}

/** The pace once a summary went out. What comes right after it belongs to the same storm. */
export const summedUp = (pace: Pace, at: number): Pace => ({
  since: at,
  count: pace.count,
  collectingUntil: undefined,
  summaries: pace.summaries + 1,
});
