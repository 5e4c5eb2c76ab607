import { afterAll, beforeAll, beforeEach } from "vitest";
import { newId } from "#base/ids";
import { openDowntimes, type Downtimes } from "#features/downtimes";
import { openRouting, type Routing } from "#features/routing";
import type { PictureOf } from "#features/notify";
import type { ChannelEvent, ChannelType } from "#wire/notify";
import { changeGroup } from "../../src/server/features/routing/change-group.ts";
import { allGroups } from "../../src/server/features/routing/read-groups.ts";
import { sealedSecrets, type ChannelSettings } from "../../src/server/features/notify/channel.ts";
import { FakeWebhook } from "./chat-fakes/index.ts";
import { checkPayload } from "./mackerel-payloads.ts";
import { withIncidents, type IncidentsRig } from "./incidents-rig.ts";
import { openNotifyRig, type NotifyRig } from "./notify-rig.ts";

export interface NewChannel {
  readonly name: string;
  readonly type?: ChannelType;
  readonly events?: readonly ChannelEvent[];
  readonly settings?: ChannelSettings;
}

/** Alerts in, messages out: incidents, notification groups and the real outbox, with a webhook and a mailbox at its end. */
export interface RoutingRig extends IncidentsRig {
  readonly routing: Routing;
  readonly downtimes: Downtimes;
  readonly outbox: NotifyRig;
  /** Creates a channel; its webhook is `/<name>` of the sink. */
  channel(channel: NewChannel): Promise<string>;
  /** Waits until all that is due is sent. Returns the bodies that came for each channel since the last call, in order. */
  delivered(): Promise<Record<string, Record<string, unknown>[]>>;
  /** The same as statuses of alerts, or events, in alphabetical order: a webhook gets messages about different things side by side. */
  told(): Promise<Record<string, unknown[]>>;
  /** Puts channels into the default group, and no others. */
  inDefault(...channelIds: string[]): Promise<void>;
  /** Subjects of mails since the last call. */
  mails(): Promise<string[]>;
}

/** The address that a rig's pictures have. */
export const pictureUrl = (organisationId: string, { source, metric, at }: PictureOf): string =>
  `https://hinoban.example/embed/public/alert/${organisationId}-${source}-${metric}-${at}.png`;

export function withRouting(): RoutingRig {
  const incidents = withIncidents();
  let made: { routing: Routing; downtimes: Downtimes; outbox: NotifyRig; sink: FakeWebhook } | undefined;
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("routing exists only inside hooks and tests");
    return made;
  };
  beforeAll(async () => {
    const { people, inventory } = incidents;
    const { db } = people.identity;
    const deps = {
      db,
      clock: people.clock,
      onError: (error: unknown) => {
        throw error;
      },
    };
    const downtimes = openDowntimes(deps);
    const outbox = await openNotifyRig(people);
    const routing = openRouting({
      ...deps,
      notify: outbox.notify,
      incidents: incidents.incidents,
      inventory,
      downtimes,
      publicUrl: "https://hinoban.example",
      pictureUrl,
    });
    made = { routing, downtimes, outbox, sink: await FakeWebhook.open() };
  });
  afterAll(async () => {
    await made?.outbox.close();
    await made?.sink.close();
  });
  beforeEach(async () => {
    const { owner } = incidents.people;
    await owner.query("delete from notify_delivery");
    await owner.query("delete from notify_channel");
    await owner.query("delete from routing_group");
    await owner.query("delete from routing_reminder");
    await owner.query("delete from routing_alert_group");
    await owner.query("delete from routing_pace");
    await owner.query("delete from routing_settings");
    await owner.query("delete from incidents_alert_group_setting");
    await owner.query("delete from downtimes_downtime");
    get().downtimes.onChange(undefined);
    get().sink.clear();
    get().outbox.mailbox.clear();
  });
  /** A look at the outbox takes on some messages at a time. */
  const work = async (): Promise<void> => {
    const { outbox } = get();
    const { owner, clock } = incidents.people;
    const waiting = "select 1 from notify_delivery where state = 'pending' and due_at <= $1 limit 1";
    do await outbox.work();
    while ((await owner.query(waiting, [clock.now()])).rows.length > 0);
  };
  const rig: Pick<RoutingRig, "channel" | "delivered" | "told" | "inDefault" | "mails"> = {
    channel: async ({ name, type = "webhook", events = ["alert"], settings = {} }) => {
      const id = newId();
      const { sink, outbox } = get();
      const secrets = sealedSecrets(outbox.notify.channelSeal, id, { url: `${sink.url}/${name}` });
      await incidents.tx((tx) =>
        tx
          .insertInto("notify_channel")
          .values({
            id,
            name,
            type,
            secrets,
            settings: JSON.stringify({ events, ...settings }),
            language: "en",
            created_at: 1,
            suspended_at: null,
            suspended_because: null,
            failing_since: null,
            last_at: null,
            last_state: null,
            last_problem: null,
          })
          .execute(),
      );
      return id;
    },
    delivered: async () => {
      const { sink } = get();
      await work();
      const found: Record<string, Record<string, unknown>[]> = {};
      for (const { path, body } of sink.calls) (found[path.slice(1)] ??= []).push(JSON.parse(body) as Record<string, unknown>);
      sink.clear();
      return found;
    },
    told: async () => {
      const bodies = await rig.delivered();
      const problems = Object.values(bodies).flat().flatMap(checkPayload);
      if (problems.length > 0) throw new Error(`no payload of Mackerel's: ${problems.join("; ")}`);
      const wordOf = (body: Record<string, unknown>): unknown =>
        (body["alert"] as { status?: string } | undefined)?.status ?? body["event"];
      return Object.fromEntries(
        Object.entries(bodies).map(([name, list]) => [name, list.map(wordOf).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))]),
      );
    },
    inDefault: async (...channelIds) => {
      const { routing } = get();
      const [group] = await incidents.tx((tx) => allGroups(routing, tx));
      const emptied = { notificationLevel: "all", childNotificationGroupIds: [], childChannelIds: channelIds } as const;
      await changeGroup(routing, incidents.people.first.actor, group?.id ?? "", {
        name: group?.name ?? "",
        ...emptied,
        childNotificationGroupIds: [],
      });
    },
    mails: async () => {
      const { outbox } = get();
      await work();
      const subjects = outbox.mailbox.received.map(({ mail }) => mail.subject ?? "");
      outbox.mailbox.clear();
      return subjects;
    },
  };
  return Object.defineProperties(Object.create(null), {
    ...Object.getOwnPropertyDescriptors(incidents),
    ...Object.getOwnPropertyDescriptors(rig),
    routing: { get: () => get().routing },
    downtimes: { get: () => get().downtimes },
    outbox: { get: () => get().outbox },
  }) as RoutingRig; // getters of two rigs, joined
}
