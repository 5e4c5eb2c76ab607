import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Notify, Sending } from "#features/notify";
import { publish, type Tx } from "#store";
import type { RoutingSettings } from "#wire/routing";
import { collected, nothing, type Collection } from "./collection.ts";
import type { Message } from "./message.ts";
import { isProgram, noPace, paced, type Pace, type RoutedChannel } from "./model.ts";

/** Announces that something of routing falls due. */
export const routingTopic = "routing";

export interface Delivering {
  readonly notify: Pick<Notify, "sendAll">;
  readonly channels: ReadonlyMap<string, RoutedChannel>;
  readonly settings: RoutingSettings;
}

export interface PaceRow {
  readonly channel_id: string;
  readonly since: number;
  readonly count: number;
  readonly summaries: number;
  readonly due_at: number | null;
  readonly collected: string | null;
}

/**
 * Hands messages to their channels, in the caller's transaction. Programs get each of them. People get each as long as they are few; more
 * than the settings allow become one message that sums them up.
 */
export async function deliver(delivering: Delivering, tx: Tx, at: UnixMs, messages: readonly Message[]): Promise<void> {
  const { channels } = delivering;
  const byChannel = new Map<string, Message[]>();
  for (const message of messages) {
    for (const channelId of message.channelIds) {
      const list = byChannel.get(channelId);
      if (list) list.push(message);
      else byChannel.set(channelId, [message]);
    }
  }
  const known = [...byChannel].flatMap(([id, list]) => {
    const channel = channels.get(id);
    return channel ? [{ channel, list }] : [];
  });
  if (known.length === 0) return;
  const people = known.filter(({ channel }) => !isProgram(channel));
  const collecting = await keepPace(delivering, tx, at, people);
  const direct = known.filter(({ channel }) => !collecting.has(channel.id));
  await delivering.notify.sendAll(
    tx,
    at,
    direct.flatMap(({ channel, list }) => list.map((message) => sendingOf(message, channel))),
  );
}

const sendingOf = ({ key, about, write }: Message, channel: RoutedChannel): Sending => ({
  to: { kind: "channel", channelId: channel.id },
  key: `${key}:${channel.id}`,
  about,
  write: (to) => write(to, channel),
});

interface ForChannel {
  readonly channel: RoutedChannel;
  readonly list: readonly Message[];
}

/** Notes what goes to each channel. Returns the channels whose messages were collected. What was told is an observation, no act. */
async function keepPace({ settings }: Delivering, tx: Tx, at: UnixMs, people: readonly ForChannel[]): Promise<Set<string>> {
  if (people.length === 0) return new Set();
  const rule = { most: settings.bundleAbove, within: settings.bundleSeconds * 1000 };
  const rows = await lockPaces(
    tx,
    people.map(({ channel }) => channel.id),
  );
  const isCollecting = new Set<string>();
  for (const { channel, list } of people) {
    const row = rows.get(channel.id);
    const { pace, isCollected } = paced(row ? paceOf(row) : noPace, rule, at, list.length);
    if (isCollected) isCollecting.add(channel.id);
    const lines = list.map(({ line }) => line);
    await writePace(tx, channel.id, pace, isCollected ? collected(collectionIn(row), lines) : undefined);
  }
  if (isCollecting.size > 0) await publish(tx, routingTopic);
  return isCollecting;
}

/** Rows of the channels, locked in one order so that two transactions cannot wait for each other; made when they are not there yet. */
async function lockPaces(tx: Tx, channelIds: readonly string[]): Promise<Map<string, PaceRow>> {
  const ids = [...channelIds].toSorted();
  await sql`insert into routing_pace (channel_id, since, count, summaries)
    select id, 0, 0, 0 from unnest(${ids}::text[]) as c (id) order by id on conflict (channel_id) do nothing`.execute(tx);
  const { rows } = await sql<PaceRow>`select channel_id, since, count, summaries, due_at, collected from routing_pace
    where channel_id = any(${ids}::text[]) order by channel_id for update`.execute(tx);
  return new Map(rows.map((row) => [row.channel_id, row]));
}

export const paceOf = (row: PaceRow): Pace => ({
  since: row.since,
  count: row.count,
  collectingUntil: row.due_at ?? undefined,
  summaries: row.summaries,
});

export const collectionIn = (row: Pick<PaceRow, "collected"> | undefined): Collection =>
  row?.collected === undefined || row.collected === null ? nothing : (JSON.parse(row.collected) as Collection); // written by this file alone

export async function writePace(tx: Tx, channelId: string, pace: Pace, collection: Collection | undefined): Promise<void> {
  await sql`update routing_pace set since = ${pace.since}, count = ${pace.count}, summaries = ${pace.summaries},
    due_at = ${pace.collectingUntil ?? null}, collected = ${collection === undefined ? null : JSON.stringify(collection)}
    where channel_id = ${channelId}`.execute(tx);
}
