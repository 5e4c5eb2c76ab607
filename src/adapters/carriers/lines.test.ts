import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { NodeOutgoingHttp } from "#adapters/outgoing-http/node";
import { hours, millis, seconds } from "#base/duration";
import { AddressRules } from "#base/ip-networks";
import type { Dial, LineHealth, PhoneLine } from "#ports/phone/port";
import { deliverTo, RecordedCall } from "#test/carriers/carried-call";
import { FakeHttpCarrier } from "#test/carriers/fake-http-carrier";
import { FakeTwilio } from "#test/carriers/fake-twilio";
import { FakeVonage } from "#test/carriers/fake-vonage";
import type { PhoneScript } from "#test/carriers/phone";
import { until } from "#test/until";
import { HttpHooks } from "./generic-http/hooks.ts";
import { openHttpLine, openTwilioLine, openVonageLine } from "./open-line.ts";
import { usualTiming, type Timing } from "./timing.ts";
import { studioFlow } from "./twilio/flow.ts";
import { TwilioHooks } from "./twilio/hooks.ts";
import { VonageHooks } from "./vonage/hooks.ts";

const clock = new SystemClock();
const http = new NodeOutgoingHttp(clock, new AddressRules({ denied: [] }));
const quick: Timing = {
  ...usualTiming,
  createEvery: millis(1),
  pollEvery: millis(15),
  netEvery: millis(40),
  callbackGrace: millis(40),
  ringGrace: millis(100),
  endWithin: millis(500),
  findAfter: [millis(5), millis(10)],
  againAfter: millis(5),
};
const from = "+815012345678";
const person = "+819012345678";
const flowSid = `FW${"0".repeat(32)}`;
const kinds = ["twilio", "vonage", "http"] as const;
type Kind = (typeof kinds)[number];
type Way = "callbacks" | "polling" | "studio";

let twilio: FakeTwilio;
let vonage: FakeVonage;
let service: FakeHttpCarrier;
let call: RecordedCall;

beforeAll(async () => {
  [twilio, vonage, service] = await Promise.all([FakeTwilio.open(), FakeVonage.open(), FakeHttpCarrier.open()]);
});
afterAll(() => Promise.all([twilio.close(), vonage.close(), service.close()]));
beforeEach(async () => {
  // A call that a callback ended is looked at once more; that must not take what the next test lays ready.
  await twilio.close();
  twilio = await FakeTwilio.open();
  twilio.createEvery = 0;
  twilio.flow = { sid: flowSid, definition: studioFlow };
  for (const fake of [twilio, vonage, service]) fake.clear();
  call = new RecordedCall();
});

const fakes = (): Readonly<Record<Kind, FakeTwilio | FakeVonage | FakeHttpCarrier>> => ({ twilio, vonage, http: service });

function setupOf(kind: Kind) {
  const setups = {
    twilio: {
      settings: { from, accountSid: twilio.accountSid, baseUrl: twilio.url },
      secrets: { authToken: twilio.authToken },
      hooks: new TwilioHooks(),
    },
    vonage: {
      settings: { from, applicationId: vonage.applicationId, baseUrl: vonage.url },
      secrets: { privateKey: vonage.privateKey, signatureSecret: vonage.signatureSecret },
      hooks: new VonageHooks(),
    },
    http: { settings: { from, url: `${service.url}/calls` }, secrets: { signingKey: service.signingKey }, hooks: new HttpHooks() },
  };
  return setups[kind];
}

const openers = { twilio: openTwilioLine, vonage: openVonageLine, http: openHttpLine };

function open(
  kind: Kind,
  way: Way,
  more: { readonly timing?: Timing; readonly secrets?: object; readonly settings?: object } = {},
): PhoneLine {
  const { settings, secrets, hooks } = setupOf(kind);
  fakes()[kind].deliver = deliverTo(hooks, () => call, { settings, secrets });
  const polled = way === "callbacks" ? {} : { way: "polling" as const, ...(way === "studio" ? { flowSid } : {}) };
  return openers[kind](
    { http, clock, timing: more.timing ?? quick },
    {
      settings: { ...settings, ...polled, ...more.settings },
      secrets: { ...secrets, ...more.secrets },
      addresses: {
        urlOf: (ref) => (way === "callbacks" ? `https://hinoban.example/hooks/${kind}/o.l.${ref}.x` : undefined),
        idOf: async () => undefined,
      },
    },
  );
}

const dialTo = (to: string, more: Partial<Dial> = {}): Dial => ({
  ref: "call1",
  to,
  ringFor: seconds(20),
  longest: seconds(60),
  language: "ja",
  first: call.menu,
  ...more,
});

const pressing = (...keys: readonly (string | undefined)[]): PhoneScript => ({ kind: "answers", keys: (_said, asked) => keys[asked - 1] });

const saidIn = (kind: Kind): readonly string[] => (fakes()[kind].made[0] as { readonly said: string[] } | undefined)?.said ?? [];

const problemsIn = (kind: Kind): readonly string[] =>
  kind === "twilio" ? twilio.made.flatMap(({ problems }) => problems) : fakes()[kind] === vonage ? vonage.problems : service.problems;

async function over(): Promise<void> {
  await until("the call is over", 8000, () => call.end !== undefined);
}

const conversations = [...kinds.map((kind) => [kind, "callbacks"] as const), ["http", "polling"] as const];

test.each(conversations)(
  "%s by %s: the person hears what was written, asks again, takes it, and hears what came of it",
  async (kind, way) => {
    fakes()[kind].phones.set(person, pressing("3", "1"));
    open(kind, way).dial(dialTo(person), call);
    await over();
    const told = call.log.filter((line) => line !== "ended hung-up" && (way === "callbacks" || line !== "ringing"));
    expect(told).toEqual([...(way === "callbacks" ? ["ringing"] : []), "answered", "keys 3", "keys 1"]);
    expect(saidIn(kind)).toHaveLength(3);
    expect(saidIn(kind)[0]).toContain(kind === "vonage" ? "web01" : "重大な警報 <web01> & \"db\" 'x'。対応する方は 1");
    expect(saidIn(kind)[2]).toBe("押されたキーは 1 です");
    expect(problemsIn(kind)).toEqual([]);
    expect(call.end?.talked).toBeGreaterThan(0);
  },
);

test.each(conversations)("%s by %s: silence is told, and the script decides how often it asks", async (kind, way) => {
  fakes()[kind].phones.set(person, pressing());
  open(kind, way).dial(dialTo(person), call);
  await over();
  expect(call.log.filter((line) => line === "silent")).toHaveLength(2);
  expect(saidIn(kind).at(-1)).toBe("さようなら");
});

const outcomes = kinds.flatMap((kind) =>
  (["callbacks", "polling"] as const).flatMap((way) => [
    [kind, way, { kind: "busy" }, "busy"] as const,
    [kind, way, { kind: "no-answer" }, "no-answer"] as const,
  ]),
);

test.each(outcomes)("%s by %s: %o ends as it should", async (kind, way, script, cause) => {
  fakes()[kind].phones.set(person, script);
  open(kind, way).dial(dialTo(person), call);
  await over();
  expect(call.end?.cause).toBe(cause);
  expect(fakes()[kind].made).toHaveLength(1);
});

test.each(kinds)("%s: a call whose creation was not answered is found, and not made again", async (kind) => {
  fakes()[kind].losesAnswers = 1;
  fakes()[kind].phones.set(person, pressing("1"));
  open(kind, "callbacks").dial(dialTo(person), call);
  await over();
  expect(fakes()[kind].made).toHaveLength(1);
  expect(call.log).toContain("keys 1");
  await until("its id is kept", 2000, () => call.states.some((state) => state.includes('"id"')));
});

test.each(kinds)("%s: without any callback the net still tells how it ended", async (kind) => {
  const fake = fakes()[kind];
  if ("mischief" in fake) fake.mischief.swallows = true;
  fake.phones.set(person, { kind: "busy" });
  open(kind, "callbacks").dial(dialTo(person), call);
  await over();
  expect(call.end?.cause).toBe("busy");
});

test.each(kinds)("%s: a call that rings is cancelled at once when nobody needs it any more", async (kind) => {
  const live = open(kind, "polling").dial(dialTo(person), call);
  await until("it rings", 4000, () => call.log.includes("ringing"));
  live.end();
  await over();
  expect(call.end?.cause).toBe("cancelled");
  expect(["canceled", "cancelled", "over"]).toContain((fakes()[kind].made[0] as { status?: string; state?: string }).status ?? "over");
});

test.each(kinds)("%s: a phone that rings longer than it may is given up", async (kind) => {
  open(kind, "polling").dial(dialTo(person, { ringFor: millis(50) }), call);
  await over();
  expect(call.end?.cause).toBe("no-answer");
});

test.each(kinds)("%s: another process learns what became of a call, and ends the one that nobody watches", async (kind) => {
  const line = open(kind, "polling");
  line.dial(dialTo(person), call);
  await until("it rings", 4000, () => call.log.includes("ringing"));
  const [asked = "", placed = ""] = call.states;
  expect(asked).not.toContain('"id"');
  expect(await open(kind, "callbacks").recover(placed)).toBe("alive");
  expect(await open(kind, "polling").recover(asked)).toBe("ended");
  expect(await open(kind, "polling").recover(placed)).toBe("gone");
  expect(await open(kind, "polling").recover(asked.replaceAll("call1", "call2").replace(person, "+819000000000"))).toBe("gone");
  expect(await line.recover("nonsense")).toBe("unknown");
  await over();
});

test.each(kinds)("%s: the account is asked whether it works, and says what is wrong", async (kind) => {
  const seen: LineHealth[] = [];
  const wrong = { twilio: { authToken: "wrong" }, vonage: { privateKey: "-----BEGIN nonsense" }, http: { signingKey: "wrong" } }[kind];
  const good = open(kind, "callbacks");
  const bad = open(kind, "callbacks", { secrets: wrong });
  good.start({ health: (health) => seen.push(health) });
  bad.start({ health: (health) => seen.push(health) });
  await until("both looked", 4000, () => seen.length === 2);
  expect(seen.map(({ state }) => state).toSorted()).toEqual(["failed", "ready"]);
  expect(seen.find(({ state }) => state === "failed")?.problem).toMatch(/refuses|cannot be read/u);
  await Promise.all([good.stop(), bad.stop()]);
  expect(good.health.state).toBe("off");
});

test("Twilio is asked for at most one call a second, and no call is lost for it", async () => {
  twilio.createEvery = 200;
  const line = open("twilio", "polling", { timing: { ...quick, createEvery: millis(200) } });
  const calls = Array.from({ length: 4 }, () => new RecordedCall());
  twilio.phones.set(person, { kind: "busy" });
  const began = performance.now();
  for (const [index, one] of calls.entries()) line.dial(dialTo(person, { ref: `call${index}` }), one);
  await until("all are over", 8000, () => calls.every(({ end }) => end !== undefined));
  expect(performance.now() - began).toBeGreaterThan(550);
  twilio.createEvery = 0;
});

test("whoever is asked too often is asked again after the time that it wants", async () => {
  twilio.phones.set(person, { kind: "busy" });
  twilio.next.push({ status: 429, headers: { "retry-after": "0.05" }, body: { code: 20429, message: "Too Many Requests" } });
  open("twilio", "polling").dial(dialTo(person), call);
  await over();
  expect(call.end?.cause).toBe("busy");
  expect(twilio.made).toHaveLength(1);
});

test("a provider that wants to be left alone for long loses the call to another line, and blocks no further one", async () => {
  const line = open("twilio", "polling");
  twilio.phones.set(person, { kind: "busy" });
  twilio.next.push({ status: 429, headers: { "retry-after": "500000" }, body: { code: 20429, message: "Too Many Requests" } });
  line.dial(dialTo(person), call);
  await over();
  expect(call.end).toMatchObject({ cause: "line-failed", retryAfter: hours(1) });
  call = new RecordedCall();
  line.dial(dialTo(person, { ref: "call2" }), call);
  await over();
  expect(call.end?.cause).toBe("busy");
});

test.each([
  ["was asked too often", { status: 429, headers: { "retry-after": "4" } }],
  ["lost the answer, and made no call", "drop"],
] as const)("a call that was given up while the provider %s is not asked for again", async (_what, reply) => {
  twilio.next.push(reply);
  const live = open("twilio", "polling", { timing: { ...quick, findAfter: [millis(300)] } }).dial(dialTo(person), call);
  await until("it was asked for", 4000, () => twilio.calls.length > 0);
  live.end();
  const began = performance.now();
  await over();
  expect(performance.now() - began).toBeLessThan(2000);
  expect(call.end?.cause).toBe("cancelled");
  expect(twilio.made).toEqual([]);
});

test("a call that waits for its turn is given up at once", async () => {
  const line = open("twilio", "polling", { timing: { ...quick, createEvery: seconds(30) } });
  line.dial(dialTo(person), new RecordedCall());
  line.dial(dialTo(person, { ref: "call2" }), call).end();
  await over();
  expect(call.end?.cause).toBe("cancelled");
  await line.stop();
  expect(twilio.made).toHaveLength(1);
});

test("a call that was answered is hung up, though Twilio cancels nothing that is in progress", async () => {
  let hangUp: () => void = () => undefined;
  twilio.phones.set(person, { kind: "answers", keys: () => new Promise((resolve) => (hangUp = () => resolve(undefined))) });
  const live = open("twilio", "callbacks").dial(dialTo(person), call);
  await until("it talks", 4000, () => twilio.made[0]?.status === "in-progress");
  live.end();
  await until("it was hung up", 4000, () => twilio.made[0]?.status === "completed");
  hangUp();
  await over();
});

test("a number that is none is the number's fault, an account that is closed the line's", async () => {
  open("twilio", "polling").dial(dialTo("110"), call);
  await over();
  expect(call.end).toMatchObject({ cause: "wrong-number", problem: expect.stringContaining("21211") as string });
  call = new RecordedCall();
  open("twilio", "polling", { secrets: { authToken: "wrong" } }).dial(dialTo(person), call);
  await over();
  expect(call.end).toMatchObject({ cause: "line-failed", problem: expect.stringContaining("Authenticate") as string });
  call = new RecordedCall();
  twilio.phones.set(person, { kind: "fails", sipCode: 404 });
  open("twilio", "callbacks").dial(dialTo(person), call);
  await over();
  expect(call.end).toMatchObject({ cause: "wrong-number", sipCode: 404 });
});

test("nobody there at all: the line failed, and nothing rings", async () => {
  open("twilio", "polling", { settings: { baseUrl: "http://127.0.0.1:9" } }).dial(dialTo(person), call);
  await over();
  expect(call.end?.cause).toBe("line-failed");
});

test("without an address of ours Twilio says the words by itself, and says that keys do not work", async () => {
  twilio.phones.set(person, pressing("1"));
  open("twilio", "polling").dial(dialTo(person), call);
  await over();
  expect(call.log.filter((line) => line !== "ringing")).toEqual(["answered", "ended hung-up"]);
  expect(saidIn("twilio").join("")).toContain("キー操作ができません");
  expect(problemsIn("twilio")).toEqual([]);
});

test("without an address of ours a Studio flow takes the key, and says the text again when it is asked to", async () => {
  twilio.phones.set(person, pressing("3", "1"));
  open("twilio", "studio").dial(dialTo(person), call);
  await over();
  expect(call.log.filter((line) => line !== "ringing")).toEqual(["answered", "keys 1", "ended hung-up"]);
  const [execution] = twilio.executions;
  expect(execution?.said.filter((text) => text.includes("web01"))).toHaveLength(2);
  expect(execution?.said.at(-1)).toContain("キーを受け付けました");
});

test("a Studio call that nobody answers ends, and one that nobody needs is hung up", async () => {
  twilio.phones.set(person, { kind: "no-answer" });
  open("twilio", "studio").dial(dialTo(person), call);
  await over();
  expect(call.end?.cause).toBe("no-answer");
  call = new RecordedCall();
  twilio.phones.set(person, { kind: "rings" });
  const live = open("twilio", "studio").dial(dialTo(person), call);
  await until("it rings", 4000, () => call.log.includes("ringing"));
  live.end();
  await over();
  expect(twilio.made.at(-1)?.status).toBe("canceled");
});

test("a line that is closed ends what is on within two seconds", async () => {
  const line = open("http", "polling");
  line.dial(dialTo(person), call);
  await until("it rings", 4000, () => call.log.includes("ringing"));
  await line.stop();
  expect(call.end?.cause).toBe("cancelled");
});
