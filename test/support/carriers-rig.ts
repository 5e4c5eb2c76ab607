import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { HttpHooks } from "#adapters/carriers/generic-http/hooks";
import { HttpSms } from "#adapters/carriers/generic-http/sms";
import { openHttpLine, openTwilioLine, openVonageLine, type CarrierLineSetup } from "#adapters/carriers/open-line";
import { usualTiming, type Timing } from "#adapters/carriers/timing";
import { studioFlow } from "#adapters/carriers/twilio/flow";
import { TwilioHooks } from "#adapters/carriers/twilio/hooks";
import { TwilioSms } from "#adapters/carriers/twilio/sms";
import { VonageHooks } from "#adapters/carriers/vonage/hooks";
import { SystemClock } from "#adapters/clock/system";
import { NodeOutgoingHttp } from "#adapters/outgoing-http/node";
import { millis, unixMs } from "#base/duration";
import { newId } from "#base/ids";
import { AddressRules } from "#base/ip-networks";
import { Secret } from "#base/secret";
import { openCalls, readCallSettings, whyNotCallable, type Calls, type OpenLine } from "#features/calls";
import { addressesOf, openCarriers, registerCarriers, type CarrierKind, type Carriers } from "#features/carriers";
import { createApp } from "#http";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import { FakeHttpCarrier } from "./carriers/fake-http-carrier.ts";
import { FakeTwilio } from "./carriers/fake-twilio.ts";
import { FakeVonage } from "./carriers/fake-vonage.ts";
import type { Deliver } from "./carriers/phone.ts";
import { withEscalation, type EscalationRig } from "./escalation-rig.ts";
import { until } from "./until.ts";

export const publicUrl = "https://hinoban.example";

const quick: Timing = {
  ...usualTiming,
  createEvery: millis(1),
  pollEvery: millis(20),
  netEvery: millis(60),
  callbackGrace: millis(60),
  findAfter: [millis(5), millis(20)],
};

export interface KeptCall {
  readonly id: string;
  readonly state: string;
  readonly cause: string | null;
  readonly result: string | null;
  readonly pressed: string;
}

/** The telephone over providers: real calls, hooks and lines, with fakes of the providers at their end. */
export interface CarriersRig {
  readonly rig: EscalationRig;
  readonly twilio: FakeTwilio;
  readonly vonage: FakeVonage;
  readonly service: FakeHttpCarrier;
  readonly calls: Calls;
  readonly carriers: Carriers;
  readonly app: FastifyInstance;
  /** How requests of providers reach the application. */
  readonly deliver: Deliver;
  /** A line of the first organisation; its id. */
  addLine(kind: CarrierKind): Promise<string>;
  /** A test call to the first owner over the only line; its id. */
  call(): Promise<string>;
  kept(callId: string): Promise<KeptCall>;
  until(what: string, condition: () => Promise<boolean> | boolean): Promise<void>;
}

export const number = "+819012345678";

export function withCarriers(): CarriersRig {
  const rig = withEscalation();
  const people = () => rig.incidents.people;
  let made: Omit<CarriersRig, "rig" | "addLine" | "call" | "kept" | "until"> | undefined;
  const get = () => {
    if (!made) throw new Error("the rig exists only inside hooks and tests");
    return made;
  };
  let stop: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const [twilio, vonage, service] = await Promise.all([FakeTwilio.open(), FakeVonage.open(), FakeHttpCarrier.open()]);
    twilio.createEvery = 0;
    const { identity, gate } = people();
    const { db } = identity;
    const serverKey = new Secret("a server key for tests");
    const clock = new SystemClock();
    const http = new NodeOutgoingHttp(clock, new AddressRules({ denied: [] }));
    const ground = { http, clock, timing: quick };
    const setup = ({ id, organisationId, settings, secrets }: OpenLine, kind: CarrierKind): CarrierLineSetup => ({
      settings,
      secrets,
      addresses: addressesOf({ db, serverKey, publicUrl }, { id, organisationId, kind }),
    });
    // Signatures carry the time: that of the fakes' machine.
    const now = {
      now: () => unixMs(Date.now()),
      mono: clock.mono.bind(clock),
      after: clock.after.bind(clock),
      every: clock.every.bind(clock),
      sleep: clock.sleep.bind(clock),
    };
    const log = { info: () => undefined, warn: () => undefined };
    const calls = openCalls({
      db,
      clock: people().clock,
      notify: rig.notify.notify,
      incidents: rig.incidents.incidents,
      speech: {
        voiceFor: () => ({ speak: async () => ({ samples: new Int16Array(0) }), prepare: () => undefined }),
        spoken: async () => new Map(),
      },
      lines: {
        twilio: (line) => openTwilioLine(ground, setup(line, "twilio")),
        vonage: (line) => openVonageLine(ground, setup(line, "vonage")),
        http: (line) => openHttpLine(ground, setup(line, "http")),
      },
      serverKey,
      gate,
      log,
      random: () => 0,
    });
    const carriers = openCarriers({
      db,
      clock: now,
      calls,
      notify: rig.notify.notify,
      hooks: { twilio: new TwilioHooks(), vonage: new VonageHooks(), http: new HttpHooks() },
      senders: { twilio: new TwilioSms(http), http: new HttpSms(http, clock) },
      whyNotCallable: async (tx, to) => whyNotCallable(await readCallSettings(tx), to),
      twilioFlow: studioFlow,
      serverKey,
      publicUrl,
      log,
    });
    const app = await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] });
    await registerCarriers({ app, gate }, carriers);
    const deliver: Deliver = async ({ url, headers, body }) => {
      const answer = await app.inject({
        method: "POST",
        url: url.slice(publicUrl.length),
        headers: { ...headers, host: "evil.example" },
        payload: body,
      });
      return { status: answer.statusCode, type: String(answer.headers["content-type"] ?? ""), body: answer.body };
    };
    for (const fake of [twilio, vonage, service]) fake.deliver = deliver;
    const stopCalls = calls.start();
    stop = async () => {
      await stopCalls();
      await app.close();
      await Promise.all([twilio.close(), vonage.close(), service.close()]);
    };
    made = { twilio, vonage, service, calls, carriers, app, deliver };
  });
  afterAll(() => stop());
  beforeEach(async () => {
    const { owner } = people();
    await get().calls.settled();
    for (const table of ["calls_call", "calls_line", "carriers_call", "carriers_seen"]) await owner.query(`delete from ${table}`);
    await owner.query("delete from notify_contact where kind = 'phone'");
    get().calls.wake();
    await get().calls.settled();
    for (const fake of [get().twilio, get().vonage, get().service]) fake.clear();
  });
  const from = "+815012345678";
  const lines = (): Readonly<Record<CarrierKind, { settings: LineSettings; secrets: LineSecrets }>> => {
    const { twilio, vonage, service } = get();
    return {
      twilio: { settings: { from, accountSid: twilio.accountSid, baseUrl: twilio.url }, secrets: { authToken: twilio.authToken } },
      vonage: {
        settings: { from, applicationId: vonage.applicationId, baseUrl: vonage.url },
        secrets: { privateKey: vonage.privateKey, signatureSecret: vonage.signatureSecret },
      },
      http: { settings: { from, url: `${service.url}/calls` }, secrets: { signingKey: service.signingKey } },
    };
  };
  const soon = (what: string, condition: () => Promise<boolean> | boolean): Promise<void> =>
    until(what, 8000, async () => {
      get().calls.wake();
      await get().calls.settled();
      return condition();
    });
  const result: CarriersRig = {
    rig,
    get twilio() {
      return get().twilio;
    },
    get vonage() {
      return get().vonage;
    },
    get service() {
      return get().service;
    },
    get calls() {
      return get().calls;
    },
    get carriers() {
      return get().carriers;
    },
    get app() {
      return get().app;
    },
    get deliver() {
      return get().deliver;
    },
    addLine: async (kind) => {
      const id = newId();
      const { settings, secrets } = lines()[kind];
      await people().owner.query(
        "insert into calls_line (id, organisation_id, name, kind, priority, capacity, settings, secrets, created_at) values ($1, $2, $3, $4, 1, 5, $5, $6, 0)",
        [
          id,
          people().first.actor.organisationId,
          kind,
          kind,
          JSON.stringify(settings),
          get().calls.lineSeal.seal(new Secret(JSON.stringify(secrets)), id),
        ],
      );
      await soon("the line is ready", async () => {
        const { rows } = await people().owner.query<{ state: string }>("select state from calls_line where id = $1", [id]);
        return rows[0]?.state === "ready";
      });
      return id;
    },
    call: async () => {
      const { actor } = people().first;
      const contactId = newId();
      await people().owner.query(
        `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, verified_at)
          values ($1, $2, $3, 'phone', $4, '', 1, 0, 0)`,
        [contactId, actor.organisationId, actor.personId, number],
      );
      const placing = { kind: "test", personId: actor.personId, contactId, to: number, language: "ja", timeZone: "Asia/Tokyo" } as const;
      const id = await people().identity.db.tx({ organisationId: actor.organisationId }, (tx) =>
        get().calls.place(tx, people().clock.now(), placing),
      );
      get().calls.wake();
      return id;
    },
    kept: async (callId) => {
      const { rows } = await people().owner.query<KeptCall>("select id, state, cause, result, pressed from calls_call where id = $1", [
        callId,
      ]);
      if (!rows[0]) throw new Error("there is no such call");
      return rows[0];
    },
    until: soon,
  };
  return result;
}
