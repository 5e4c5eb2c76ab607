import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import { placesOfHosts, type HostChange, type PlacedHost } from "#features/inventory";
import type { Addressee, Notice } from "#features/notify";
import type { Actor } from "#http";
import type { Tx } from "#store";
import type { ChannelEvent } from "#wire/notify";
import { deliver } from "./deliver.ts";
import { bodyHost, organisationFacts, peopleNamed, userOf } from "./facts.ts";
import { routedChannels } from "./groups.ts";
import { hostBody, isMackerelMonitor, monitorBody, type Body, type BodyUser, type HostEvent, type MonitorEvent } from "./mackerel-body.ts";
import { pageOf } from "./notices.ts";
import type { RoutingContext } from "./context.ts";
import { readRoutingSettings } from "./settings.ts";
import { texts, type LineKind } from "./texts.ts";

/** Something that is no alert and goes to whichever channel wants to hear of such things. */
interface Happening {
  readonly event: ChannelEvent;
  readonly key: string;
  readonly about: string;
  readonly kind: LineKind;
  readonly name: string;
  readonly text: string;
  readonly url: string | undefined;
  readonly say: (to: Addressee) => { readonly title: string; readonly summary: string };
  readonly mackerel: Body | undefined;
}

const personOf = (actor: Actor): string | undefined => (actor.kind === "person" ? actor.personId : undefined);

/** Tells channels that want it that a host was registered, changed its status or was retired. */
export async function hostChanged(routing: RoutingContext, tx: Tx, at: UnixMs, change: HostChange): Promise<void> {
  const event = eventOf(change);
  const wanting = await channelsWanting(tx, event);
  const host = wanting.length === 0 ? undefined : (await placesOfHosts(tx, [change.hostId])).get(change.hostId);
  if (!host) return;
  const personId = personOf(change.by);
  const organisation = await organisationFacts(tx, routing.publicUrl);
  const user = userOf({ people: await peopleNamed(tx, personId === undefined ? [] : [personId]) }, personId);
  const what: HostEvent =
    change.effect === "status-changed" ? { event: "hostStatus", from: change.from } : { event: noStatus(change.effect) };
  await tellAll(routing, tx, at, {
    event,
    key: `${event}:${host.id}:${newId()}`,
    about: `host:${host.id}`,
    kind: "host",
    name: host.displayName || host.name,
    text: change.effect === "status-changed" ? `${change.from} → ${change.to}` : event,
    url: pageOf(organisation, `hosts/${host.id}`),
    say: (to) => hostWords(change, host, to),
    mackerel: hostBody(organisation, what, bodyHost(host), user),
  });
}

const noStatus = (effect: "registered" | "retired"): "hostRegister" | "hostRetire" =>
  effect === "registered" ? "hostRegister" : "hostRetire";

const eventOf = ({ effect }: HostChange): ChannelEvent => (effect === "status-changed" ? "hostStatus" : noStatus(effect));

function hostWords(change: HostChange, host: PlacedHost, { language }: Addressee): { title: string; summary: string } {
  const words = texts[language];
  const name = host.displayName || host.name;
  const roles = host.roles.map(({ service, role }) => `${service}: ${role}`).join(", ");
  switch (change.effect) {
    case "registered":
      return { title: words.hostRegistered(name), summary: roles };
    case "retired":
      return { title: words.hostRetired(name), summary: roles };
    case "status-changed": {
      const [from, to] = [words.hostStatuses[change.from], words.hostStatuses[change.to]];
      return { title: words.hostStatus(name, to), summary: words.hostStatusSummary(from, to) };
    }
  }
}

/** A monitor that was created, changed or deleted. */
export interface MonitorChange {
  readonly effect: "created" | "updated" | "deleted";
  /** In the shape of `/api/v0/monitors`; of our own types too. */
  readonly monitor: Body & { readonly id: string; readonly type: string; readonly name?: string | undefined };
  readonly by: Actor;
}

const monitorEvents = { created: "monitorCreate", updated: "monitorUpdate", deleted: "monitorDelete" } as const satisfies Record<
  MonitorChange["effect"],
  MonitorEvent
>;

/** Tells channels that want it of a monitor. Receivers of Mackerel's payloads hear only of types that those payloads know. */
export async function monitorChanged(routing: RoutingContext, tx: Tx, at: UnixMs, { effect, monitor, by }: MonitorChange): Promise<void> {
  if ((await channelsWanting(tx, "monitor")).length === 0) return;
  const organisation = await organisationFacts(tx, routing.publicUrl);
  const personId = personOf(by);
  const user: BodyUser | undefined = userOf({ people: await peopleNamed(tx, personId === undefined ? [] : [personId]) }, personId);
  const { id, name = monitor.type } = monitor;
  await tellAll(routing, tx, at, {
    event: "monitor",
    key: `${monitorEvents[effect]}:${id}:${newId()}`,
    about: `monitor:${id}`,
    kind: "monitor",
    name,
    text: monitorEvents[effect],
    url: pageOf(organisation, effect === "deleted" ? "monitors" : `monitors/${id}`),
    say: ({ language }) => {
      const words = texts[language];
      const title = { created: words.monitorCreated, updated: words.monitorChanged, deleted: words.monitorDeleted }[effect](name);
      return { title, summary: user === undefined ? "" : user.screenName };
    },
    mackerel: isMackerelMonitor(monitor) ? monitorBody(organisation, monitorEvents[effect], monitor, user) : undefined,
  });
}

async function channelsWanting(tx: Tx, event: ChannelEvent): Promise<string[]> {
  return [...(await routedChannels(tx)).values()].filter(({ events }) => events.has(event)).map(({ id }) => id);
}

/** Whoever switched the event on for a channel wants all of them: notification groups are about alerts. */
async function tellAll(routing: RoutingContext, tx: Tx, at: UnixMs, happening: Happening): Promise<void> {
  const channels = await routedChannels(tx);
  const { key, about, kind, name, text, mackerel } = happening;
  const channelIds = [...channels.values()]
    .filter(({ events, type }) => events.has(happening.event) && (type !== "webhook" || mackerel !== undefined))
    .map(({ id }) => id);
  const settings = await readRoutingSettings(tx);
  const write = (to: Addressee): Notice => ({
    severity: "information",
    tone: "neutral",
    ...happening.say(to),
    facts: [],
    url: happening.url,
    actions: [],
    thread: undefined,
    picture: undefined,
    mackerel,
    mention: undefined,
  });
  await deliver({ notify: routing.notify, channels, settings }, tx, at, [{ key, about, line: { kind, name, text }, channelIds, write }]);
}
