import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { NodeOutgoingHttp } from "#adapters/outgoing-http/node";
import { AddressRules } from "#base/ip-networks";
import { keepsPosts, openActs, registerActs, type Acts } from "#features/acts";
import { registerIdentity } from "#features/identity";
import { createApp } from "#http";
import type { ChannelInput } from "#wire/notify";
import { createChannel } from "../../src/server/features/notify/create-channel.ts";
import { withEscalation, type EscalationRig } from "./escalation-rig.ts";
import { FakeMattermost, FakeSlack } from "./chat-fakes/index.ts";
import type { Somebody } from "./people.ts";

/** Links, buttons and commands over a database of the calling test file, with chats that press and sign as the real ones do. */
export interface ActsRig extends EscalationRig {
  readonly acts: Acts;
  readonly app: FastifyInstance;
  readonly slack: FakeSlack;
  readonly mattermost: FakeMattermost;
  /** Id of a new channel of the first organisation, or of `by`'s. */
  channel(input: ChannelInput, by?: Somebody): Promise<string>;
  /** Unix seconds of the rig's clock. */
  seconds(): number;
}

export const publicUrl = "https://hinoban.example";

export function withActs(): ActsRig {
  const rig = withEscalation();
  let made: { acts: Acts; app: FastifyInstance; slack: FakeSlack; mattermost: FakeMattermost } | undefined;
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("the rig exists only inside hooks and tests");
    return made;
  };
  beforeAll(async () => {
    const { people, incidents } = rig.incidents;
    const http = new NodeOutgoingHttp(new SystemClock(), new AddressRules({ denied: [] }));
    const { clock, gate, identity } = people;
    const log = { warn: (facts: object, message: string) => console.warn(message, facts) };
    const acts = openActs({
      db: identity.db,
      clock,
      incidents,
      notify: rig.notify.notify,
      duty: rig.duty,
      http,
      gate,
      publicUrl,
      log: log as never, // only warnings are written, in this one form
    });
    incidents.listen(keepsPosts(acts));
    const app = await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] });
    registerIdentity({ app, gate }, identity);
    await registerActs({ app, gate }, acts);
    await app.ready();
    made = { acts, app, slack: await FakeSlack.open(), mattermost: await FakeMattermost.open() };
  });
  afterAll(async () => {
    await made?.app.close();
    await made?.slack.close();
    await made?.mattermost.close();
  });
  return Object.defineProperties(
    {
      channel: async (input: ChannelInput, by = rig.incidents.people.first) => (await createChannel(rig.notify.notify, by.actor, input)).id,
      seconds: () => Math.floor(rig.incidents.people.clock.now() / 1000),
    },
    {
      ...Object.getOwnPropertyDescriptors(rig),
      acts: { get: () => get().acts },
      app: { get: () => get().app },
      slack: { get: () => get().slack },
      mattermost: { get: () => get().mattermost },
    },
  ) as object as ActsRig; // the properties that the interface names, read late
}

/** What a chat's answer says. */
export const saidIn = (body: Readonly<Record<string, unknown>> | undefined): string =>
  typeof body?.["text"] === "string" ? body["text"] : "";

/** The token of the page on which somebody says whose chat account it is. */
export const tokenIn = (text: string): string => /chat-accounts#(\S+)/u.exec(text)?.[1] ?? "";
