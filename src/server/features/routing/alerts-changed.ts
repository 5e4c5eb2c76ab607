import type { UnixMs } from "#base/duration";
import type { AlertChange } from "#features/incidents";
import type { Tx } from "#store";
import { groupAlerts, rememberChannels, type Grouped } from "./alert-groups.ts";
import { alertMessage, channelsOf, heardOf, isTold } from "./alert-message.ts";
import { deliver } from "./deliver.ts";
import { factsAbout, type Facts } from "./facts.ts";
import { groupMessage } from "./group-message.ts";
import { readRoutes, type Routes } from "./groups.ts";
import type { Message } from "./message.ts";
import { waysOf } from "./model.ts";
import { planReminders } from "./reminders.ts";
import type { RoutingContext } from "./context.ts";
import { readRoutingSettings } from "./settings.ts";

/** Tells channels what became of alerts, in the transaction in which it did. */
export async function alertsChanged(routing: RoutingContext, tx: Tx, at: UnixMs, changes: readonly AlertChange[]): Promise<void> {
  if (changes.length === 0) return;
  const people = changes.flatMap(({ by }) => by ?? []);
  const facts = await factsAbout(
    tx,
    routing.publicUrl,
    changes.map(({ alert }) => alert),
    people,
  );
  const routes = await readRoutes(tx);
  const grouped = await groupAlerts(tx, at, facts, changes);
  const messages: Message[] = [];
  for (const change of changes) {
    if (!isTold(facts, change)) continue;
    const { alert, from, trigger, by } = change;
    const channelIds = channelsOf(routes, heardOf(facts, change), grouped.alertIds.has(alert.id));
    if (channelIds.length > 0) messages.push(alertMessage(routing, facts, { alert, from, trigger, by, at }, channelIds));
  }
  messages.push(...(await groupMessages(tx, { facts, routes, grouped, changes })));
  await planReminders(tx, at, changes);
  const settings = await readRoutingSettings(tx);
  await deliver({ notify: routing.notify, channels: routes.channels, settings }, tx, at, messages);
}

interface Groups {
  readonly facts: Facts;
  readonly routes: Routes;
  readonly grouped: Grouped;
  readonly changes: readonly AlertChange[];
}

/** Alert groups go wherever one of the alerts goes that changed them, and to whoever heard of them before. */
async function groupMessages(tx: Tx, { facts, routes, grouped, changes }: Groups): Promise<Message[]> {
  const messages: Message[] = [];
  for (const group of grouped.told) {
    const { status, wasCritical } = group;
    const ways = changes
      .filter(({ alert }) => group.alertIds.has(alert.id))
      .flatMap((change) => waysOf(routes.groups, { ...heardOf(facts, change), status, wasCritical }).ways);
    const before = status === "OK" ? group.channelIds : [];
    const channelIds = [...new Set([...before, ...ways.map(({ channelId }) => channelId)])].filter((id) =>
      routes.channels.get(id)?.events.has("alertGroup"),
    );
    if (channelIds.length > 0) messages.push(groupMessage(facts.organisation, { ...group, channelIds }));
    await rememberChannels(tx, group.id, [...new Set([...group.channelIds, ...channelIds])]);
  }
  return messages;
}
