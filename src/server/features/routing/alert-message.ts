import { newId } from "#base/ids";
import type { AlertChange } from "#features/incidents";
import { monitorIdOf } from "./alert-groups.ts";
import type { RoutingContext } from "./context.ts";
import { servicesOf, type Facts } from "./facts.ts";
import type { Routes } from "./groups.ts";
import type { Message } from "./message.ts";
import { hearsAlert, waysOf, type Heard } from "./model.ts";
import { alertNotice, subjectOf, type ToldAlert } from "./notices.ts";

/**
 * Whether anybody is to be told at all: not of muted monitors, not of what another failure explains, not of hosts that are in no regular
 * service, and not that alerts are over because their host was retired.
 */
export function isTold(facts: Facts, { alert, trigger }: Pick<AlertChange, "alert" | "trigger">): boolean {
  if (alert.isMuted || alert.inhibitedBy !== undefined || trigger === "hostRetire") return false;
  const host = alert.hostId === undefined ? undefined : facts.hosts.get(alert.hostId);
  return !host || (host.status === "working" && !host.isRetired);
}

/** What notification groups ask about a change. */
export const heardOf = (facts: Facts, { alert, wasCritical }: Pick<AlertChange, "alert" | "wasCritical">): Heard => ({
  monitorId: monitorIdOf(alert.origin),
  serviceIds: servicesOf(facts, alert),
  status: alert.status,
  wasCritical,
});

/** The channels that are told of an alert by itself. */
export function channelsOf({ groups, channels }: Routes, heard: Heard, isGrouped: boolean): string[] {
  return waysOf(groups, heard).ways.flatMap(({ channelId }) => {
    const channel = channels.get(channelId);
    return channel && hearsAlert(channel, isGrouped) ? [channelId] : [];
  });
}

/** Each change is told here once, so that its key is its own. */
export function alertMessage(routing: RoutingContext, facts: Facts, told: ToldAlert, channelIds: readonly string[]): Message {
  const { alert, again } = told;
  const kind = again !== undefined ? "again" : alert.status === "OK" ? "closed" : told.from === "OK" ? "opened" : "changed";
  const subject = subjectOf(facts, alert);
  return {
    key: `${again === undefined ? "alert" : "again"}:${alert.id}:${newId()}`,
    about: `alert:${alert.id}`,
    line: { kind, status: alert.status, name: subject === "" ? alert.name : `${alert.name} – ${subject}`, text: alert.message },
    channelIds,
    write: (to, channel) => alertNotice(facts, told, to, channel, routing.pictureUrl),
  };
}
