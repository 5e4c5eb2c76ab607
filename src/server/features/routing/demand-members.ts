import { HinobanError, invalidInput, type FieldProblem } from "#base/errors";
import { existingServices } from "#features/inventory";
import { channelFacts } from "#features/notify";
import type { Tx } from "#store";
import type { NewNotificationGroup } from "#wire/routing";
import type { RoutingContext } from "./context.ts";
import { documentIn, type GroupRow } from "./groups.ts";

/**
 * Makes sure that everything a group names exists, and that no group contains itself, however many groups lie between.
 * @param rows all groups of the organisation
 * @param id of the group that is changed; undefined for a new one
 * @throws "invalid-input" that names what is wrong
 */
export async function demandMembers(
  { downtimes }: RoutingContext,
  tx: Tx,
  group: NewNotificationGroup,
  rows: readonly GroupRow[],
  id?: string,
): Promise<void> {
  const problems: FieldProblem[] = [];
  const check = (key: string, names: readonly string[], isKnown: (name: string) => boolean, noun: string): void => {
    for (const [index, name] of names.entries())
      if (!isKnown(name)) problems.push({ field: `${key}.${index}`, problem: `there is no ${noun} ${name}` });
  };
  const known = new Set(rows.map((row) => row.id));
  check("childNotificationGroupIds", group.childNotificationGroupIds, (one) => known.has(one), "notification group");
  const channels = new Set((await channelFacts(tx)).map((channel) => channel.id));
  check("childChannelIds", group.childChannelIds, (one) => channels.has(one), "channel");
  const monitorIds = (group.monitors ?? []).map((monitor) => monitor.id);
  const monitors = await downtimes.monitorNames(tx, monitorIds);
  check("monitors", monitorIds, (one) => monitors?.has(one) ?? true, "monitor");
  const names = (group.services ?? []).map((service) => service.name);
  const services = await existingServices(tx, names);
  check("services", names, (one) => services.has(one), "service");
  if (problems.length === 0 && id !== undefined && containsItself(rows, id, group.childNotificationGroupIds))
    problems.push({ field: "childNotificationGroupIds", problem: "the group would contain itself" });
  if (problems.length > 0) throw invalidInput(problems.slice(0, 20));
}

function containsItself(rows: readonly GroupRow[], id: string, children: readonly string[]): boolean {
  const childrenOf = new Map(rows.map((row) => [row.id, documentIn(row).childNotificationGroupIds]));
  const visited = new Set<string>();
  const reaches = (from: string): boolean => {
    if (from === id) return true;
    if (visited.has(from)) return false;
    visited.add(from);
    return (childrenOf.get(from) ?? []).some(reaches);
  };
  return children.some(reaches);
}

/** Only what exists still: what was deleted since is shown to nobody, and a client that writes the group back is not refused. */
export interface Living {
  readonly groups: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
  /** Undefined: nobody knows monitors. */
  readonly monitors: ReadonlyMap<string, string> | undefined;
  readonly services: ReadonlySet<string>;
}

export async function livingMembers(
  { downtimes }: RoutingContext,
  tx: Tx,
  rows: readonly GroupRow[],
  all: readonly GroupRow[],
): Promise<Living> {
  const documents = rows.map((row) => documentIn(row));
  return {
    groups: new Set(all.map((row) => row.id)),
    channels: new Set((await channelFacts(tx)).map((channel) => channel.id)),
    monitors: await downtimes.monitorNames(
      tx,
      documents.flatMap((of) => (of.monitors ?? []).map((monitor) => monitor.id)),
    ),
    services: await existingServices(
      tx,
      documents.flatMap((of) => (of.services ?? []).map((service) => service.name)),
    ),
  };
}

export const isDefaultKept = (row: GroupRow): HinobanError =>
  new HinobanError("invalid-input", "The default notification group can be neither renamed nor deleted.", { id: row.id });
