import { minutes, unixMs, type Millis, type UnixMs } from "#base/duration";
import type { Connectivity, HostStatus } from "#wire/inventory";

/** A time in which no server of the installation listened. */
export interface Deafness {
  readonly from: UnixMs;
  readonly to: UnixMs;
}

export interface Watched {
  readonly status: HostStatus;
  readonly isRetired: boolean;
  readonly lastSeenAt: UnixMs | undefined;
  /** Silence that is no concern yet. */
  readonly allowed: Millis;
}

/** Whether data comes from a host as it should. */
export function connectivityOf(host: Watched, deaf: readonly Deafness[], now: UnixMs): Connectivity {
  if (host.isRetired || (host.status !== "working" && host.status !== "standby")) return "unwatched";
  if (host.lastSeenAt === undefined) return "never";
  return host.lastSeenAt < heardSince(host.allowed, deaf, now) ? "silent" : "reporting";
}

/**
 * The moment since which servers have listened for `length` in sum. Whoever was heard before it has been silent for longer than that,
 * and nobody can say that it was we who did not listen.
 */
export function heardSince(length: Millis, deaf: readonly Deafness[], now: UnixMs): UnixMs {
  let left: number = length;
  let end: number = now;
  for (const gap of deaf.toSorted((a, b) => b.to - a.to)) {
    const heard = end - gap.to;
    if (heard >= left) break;
    left -= Math.max(0, heard);
    end = Math.min(end, gap.from);
  }
  return unixMs(end - left);
}

/** The silence allowed to a host: the shortest that one of its roles says, else the organisation's. */
export const allowedSilence = (ofRoles: readonly (number | null)[], ofOrganisation: number): Millis => {
  const said = ofRoles.filter((value): value is number => value !== null);
  return minutes(said.length === 0 ? ofOrganisation : Math.min(...said));
};
