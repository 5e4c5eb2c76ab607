import { afterAll, beforeAll, beforeEach } from "vitest";
import type { ChannelInput } from "#wire/notify";
import { createChannel } from "../../src/server/features/notify/create-channel.ts";
import type { ChannelRow } from "../../src/server/features/notify/channel.ts";
import type { Notice, Sending } from "../../src/server/features/notify/model.ts";
import {
  FakeChatwork,
  FakeDiscord,
  FakeHipchat,
  FakeLine,
  FakeMattermost,
  FakeOpsgenie,
  FakePagerDuty,
  FakeSlack,
  FakeTeams,
  FakeWebhook,
} from "./chat-fakes/index.ts";
import { notice, openNotifyRig, type NotifyRig } from "./notify-rig.ts";
import { withPeople, type People } from "./people.ts";

interface Fakes {
  readonly slack: FakeSlack;
  readonly mattermost: FakeMattermost;
  readonly chatwork: FakeChatwork;
  readonly hipchat: FakeHipchat;
  readonly hook: FakeWebhook;
  readonly teams: FakeTeams;
  readonly line: FakeLine;
  readonly discord: FakeDiscord;
  readonly pagerduty: FakePagerDuty;
  readonly opsgenie: FakeOpsgenie;
}

type Kind = ChannelInput["type"];

/** Notifications with every chat at their end. Read the fields inside hooks and tests. */
export interface ChannelRig extends Fakes {
  readonly people: People;
  readonly rig: NotifyRig;
  /** A working channel of each type, as somebody types it. */
  inputs(): Readonly<Record<Kind, ChannelInput>>;
  create(type: Kind, more?: Partial<ChannelInput>): Promise<ChannelRow>;
  /** An urgent message of the incident to a channel. */
  to(channelId: string, key: string, more?: Partial<Notice>): Sending;
}

export function withChannels(): ChannelRig {
  const people = withPeople();
  let made: (Fakes & { readonly rig: NotifyRig }) | undefined;
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("channels exist only inside hooks and tests");
    return made;
  };
  const fakes = (): Fakes[keyof Fakes][] => {
    const { rig: _rig, ...all } = get();
    return Object.values(all);
  };
  beforeAll(async () => {
    const fakesOfAll: Fakes = {
      slack: await FakeSlack.open(),
      mattermost: await FakeMattermost.open(),
      chatwork: await FakeChatwork.open(),
      hipchat: await FakeHipchat.open(),
      hook: await FakeWebhook.open(),
      teams: await FakeTeams.open(),
      line: await FakeLine.open(),
      discord: await FakeDiscord.open(),
      pagerduty: await FakePagerDuty.open(),
      opsgenie: await FakeOpsgenie.open(),
    };
    made = { ...fakesOfAll, rig: await openNotifyRig(people) };
  });
  afterAll(async () => {
    if (!made) return;
    await made.rig.close();
    await Promise.all(fakes().map((one) => one.close()));
  });
  beforeEach(async () => {
    for (const one of fakes()) one.clear();
    get().rig.outcomes.length = 0;
    get().rig.mailbox.clear();
    await people.owner.query(
      "delete from notify_delivery; delete from notify_channel; delete from notify_contact; delete from notify_rule",
    );
    await people.acts();
  });
  const inputs = (): Readonly<Record<Kind, ChannelInput>> => inputsOf(get());
  return {
    people,
    get rig() {
      return get().rig;
    },
    get slack() {
      return get().slack;
    },
    get mattermost() {
      return get().mattermost;
    },
    get chatwork() {
      return get().chatwork;
    },
    get hipchat() {
      return get().hipchat;
    },
    get hook() {
      return get().hook;
    },
    get teams() {
      return get().teams;
    },
    get line() {
      return get().line;
    },
    get discord() {
      return get().discord;
    },
    get pagerduty() {
      return get().pagerduty;
    },
    get opsgenie() {
      return get().opsgenie;
    },
    inputs,
    create: (type, more = {}) => createChannel(get().rig.notify, people.first.actor, { ...inputs()[type], ...more }),
    to: (channelId, key, more = {}) => ({
      to: { kind: "channel", channelId },
      key,
      about: "incident:1",
      isUrgent: true,
      write: () => notice(more),
    }),
  };
}

function inputsOf({ slack, mattermost, chatwork, hipchat, hook, ...others }: Fakes): Readonly<Record<Kind, ChannelInput>> {
  const of = (type: Kind, own: Partial<ChannelInput>): ChannelInput => ({ type, name: `The ${type}`, language: "ja", ...own });
  return {
    slack: of("slack", { url: slack.webhookUrl }),
    "slack-bot": of("slack-bot", { token: slack.token, room: "C0001", serverUrl: slack.apiUrl }),
    mattermost: of("mattermost", { url: mattermost.webhookUrl }),
    "mattermost-bot": of("mattermost-bot", { serverUrl: `${mattermost.url}/`, token: mattermost.token, room: "channel0001" }),
    chatwork: of("chatwork", { token: chatwork.token, room: chatwork.room, serverUrl: chatwork.apiUrl }),
    hipchat: of("hipchat", { serverUrl: hipchat.url, token: hipchat.token, room: hipchat.room }),
    webhook: of("webhook", { url: hook.hookUrl }),
    "signed-webhook": of("signed-webhook", { url: hook.hookUrl, signingKey: "k1" }),
    teams: of("teams", { url: others.teams.flowUrl }),
    line: of("line", { token: others.line.token, room: others.line.group, serverUrl: others.line.url }),
    discord: of("discord", { url: others.discord.webhookUrl }),
    pagerduty: of("pagerduty", { token: others.pagerduty.key, serverUrl: others.pagerduty.url }),
    opsgenie: of("opsgenie", { token: others.opsgenie.key, serverUrl: others.opsgenie.url }),
    email: of("email", { emails: ["ops@example.jp"], personIds: [] }),
  };
}
