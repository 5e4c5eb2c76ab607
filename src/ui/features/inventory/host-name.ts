import type { HostSummary } from "#wire/inventory";

/** The name that people read: the display name, else the host's own. */
export const hostName = ({ displayName, name }: Pick<HostSummary, "name" | "displayName">): string =>
  displayName === undefined || displayName === "" ? name : displayName;
