import { invalidInput } from "#base/errors";
import { optional } from "#base/fields";
import { findService, placesOfHosts, type PlacedHost } from "#features/inventory";
import type { Tx } from "#store";
import type { AlertStatus } from "#wire/alerting";
import type { NotTold, TriedChannel } from "#wire/routing";
import { readAlertGroupSettings, takesIn } from "./alert-group-settings.ts";
import type { RoutingContext } from "./context.ts";
import { readRoutes } from "./groups.ts";
import { waysOf, type RoutedChannel } from "./model.ts";

export interface TryRouting {
  readonly monitorId?: string;
  readonly hostId?: string;
  readonly service?: string;
  readonly status: AlertStatus;
  readonly wasCritical?: boolean;
}

export interface TriedRouting {
  readonly channels: TriedChannel[];
  readonly silent: string[];
  readonly alertGroups: string[];
}

/** Works out who would be told of an alert right now, by the very rules by which alerts are told. @throws "not-found", "invalid-input" */
export async function tryRouting(routing: RoutingContext, tx: Tx, asked: TryRouting): Promise<TriedRouting> {
  const { monitorId, hostId, service, status } = asked;
  const host = hostId === undefined ? undefined : (await placesOfHosts(tx, [hostId])).get(hostId);
  if (hostId !== undefined && !host) throw invalidInput([{ field: "hostId", problem: `there is no host ${hostId}` }]);
  const ownIds = service === undefined ? [] : [(await findService(tx, service)).id];
  const serviceIds = [...new Set([...(host?.serviceIds ?? []), ...ownIds])];
  const { groups, channels } = await readRoutes(tx);
  const settings = (await readAlertGroupSettings(tx)).filter((setting) => takesIn(setting, { monitorId, host, service }));
  const things = [{ monitorId, hostId, serviceIds, roleIds: host?.roleIds ?? [] }];
  const [downtime] = await routing.downtimes.covers(tx, routing.clock.now(), things);
  const isMuted = monitorId !== undefined && (await routing.extension.isMuted(tx, monitorId));
  const general = generalProblem(isMuted, downtime, host);
  const { ways, silences } = waysOf(groups, { monitorId, serviceIds, status, wasCritical: asked.wasCritical ?? status === "CRITICAL" });
  const names = new Map(groups.map((group) => [group.id, group.name]));
  const named = (id: string): string => names.get(id) ?? id;
  return {
    channels: ways.flatMap(({ channelId, groupIds }): TriedChannel[] => {
      const channel = channels.get(channelId);
      if (!channel) return [];
      const because = general ?? whyNot(channel, settings.length > 0);
      const { name, type } = channel;
      return [{ channelId, name, type, via: groupIds.map(named), isTold: because === undefined, ...optional("because", because) }];
    }),
    silent: silences.map(({ groupId }) => named(groupId)),
    alertGroups: settings.map(({ name }) => name),
  };
}

/** Why nobody at all is told. */
function generalProblem(isMuted: boolean, downtime: string | undefined, host: PlacedHost | undefined): NotTold | undefined {
  if (isMuted) return "muted";
  if (downtime !== undefined) return "downtime";
  return host && host.status !== "working" ? "host-status" : undefined;
}

function whyNot({ events, isSuspended }: RoutedChannel, isGrouped: boolean): NotTold | undefined {
  if (isSuspended) return "suspended";
  if (isGrouped && events.has("alertGroup")) return "alert-group";
  return events.has("alert") ? undefined : "event";
}
