import { minutes, type UnixMs } from "#base/duration";
import type { HostSummary } from "#wire/inventory";

/** The name that people read: the display name, else the host's own. */
export const hostName = ({ displayName, name }: Pick<HostSummary, "name" | "displayName">): string =>
  displayName === undefined || displayName === "" ? name : displayName;

/** Agents post each minute; five missed ones are no hiccup. */
const silentAfter = minutes(5);

/** A host that should send data and does not. One that never sent any was registered by hand and is not counted. */
export const isSilent = ({ status, isRetired, lastSeenAt }: HostSummary, now: UnixMs): boolean =>
  !isRetired && (status === "working" || status === "standby") && lastSeenAt !== undefined && now - lastSeenAt > silentAfter;
