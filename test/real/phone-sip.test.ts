import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { RtpPool } from "#adapters/rtp/pool";
import { SipLine, type SipNetwork } from "#adapters/sip/sip-line";
import { millis, seconds } from "#base/duration";
import { Secret } from "#base/secret";
import type { CallEnd, CallListener, Dial, IncomingCall, LineHealth, LiveCall, Turn, Voice } from "#ports/phone/port";
import { withDaemons } from "#test/daemons";
import { openFolder } from "#test/folder";
import { Baresip, withPhones } from "#test/phones/baresip";
import { startKamailio, trunkPassword, trunkRealm, type Kamailio, type KamailioOptions } from "#test/phones/kamailio";
import { freeUdpPorts } from "#test/phones/ports";
import { scenarios, startSipp, withSipp, type Scenario, type Sipp } from "#test/phones/sipp";
import { TestAuthority } from "#test/test-authority";
import { until } from "#test/until";
import type { LineSettings } from "#wire/line-settings";

// Our own SIP user agent against programs that others wrote: a registrar and proxy, phones, and phones that do what real ones rarely do.

withDaemons();
withPhones();
withSipp();

const clock = new SystemClock();
const opened: SipLine[] = [];
const pools: RtpPool[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((line) => line.stop()));
  for (const pool of pools.splice(0)) pool.close();
});

const voice: Voice = { speak: () => Promise.resolve({ samples: new Int16Array(4000) }), prepare: () => undefined };

/** Says something short, then hangs up at the first key. */
class Listener implements CallListener {
  readonly rang: (number | undefined)[] = [];
  readonly pressed: string[] = [];
  readonly states: string[] = [];
  isAnswered = false;
  end: CallEnd | undefined;

  saved(state: string): Promise<void> {
    this.states.push(state);
    return Promise.resolve();
  }

  ringing(code?: number): void {
    this.rang.push(code);
  }

  answered(): Promise<Turn> {
    this.isAnswered = true;
    return Promise.resolve({ say: [{ language: "en", text: "hello" }], times: 3, listen: seconds(2), digits: 1, isLast: false });
  }

  keys(digits: string): Promise<Turn> {
    this.pressed.push(digits);
    return Promise.resolve({ say: [{ language: "en", text: "bye" }], times: 1, listen: millis(0), digits: 0, isLast: true });
  }

  silent(): Promise<Turn> {
    return this.keys("silent");
  }

  ended(end: CallEnd): void {
    this.end = end;
  }

  async over(withinMs = 10_000): Promise<CallEnd> {
    await until("the call is over", withinMs, () => this.end !== undefined);
    return this.end ?? { cause: "finished", talked: millis(0) };
  }
}

interface Opened {
  readonly line: SipLine;
  readonly health: readonly LineHealth[];
  readonly incoming: IncomingCall[];
  ready(): Promise<void>;
  dial(to: string, more?: Partial<Dial>): { readonly call: LiveCall; readonly listener: Listener };
}

async function openLine(settings: LineSettings, password = trunkPassword, network: SipNetwork = {}): Promise<Opened> {
  const portFrom = await freeUdpPorts(40);
  const pool = new RtpPool({ host: "127.0.0.1", portFrom, portTo: portFrom + 39, clock });
  const health: LineHealth[] = [];
  const incoming: IncomingCall[] = [];
  const line = new SipLine({
    clock,
    settings,
    password: new Secret(password),
    // Nobody in a test waits as long for sound as on a bad line.
    media: { open: (wishes) => pool.open({ ...wishes, neverAfter: seconds(2), ceasedAfter: seconds(2) }) },
    voiceFor: () => voice,
    network: { host: "127.0.0.1", ...network },
  });
  pools.push(pool);
  opened.push(line);
  line.start({ health: (one) => void health.push(one), incoming: (call) => void incoming.push(call) });
  return {
    line,
    health,
    incoming,
    ready: () => until("the line is ready", 10_000, () => line.health.state === "ready"),
    dial: (to, more = {}) => {
      const listener = new Listener();
      const call = line.dial({ ref: "c1", to, ringFor: seconds(10), longest: seconds(60), language: "en", ...more }, listener);
      return { call, listener };
    },
  };
}

const account = (trunk: Kamailio, more: LineSettings = {}): LineSettings => ({
  domain: trunkRealm,
  server: "127.0.0.1",
  port: more.transport === "tls" ? trunk.tlsPort : trunk.port,
  userName: "0900000",
  registers: true,
  ...more,
});

/** Phones that follow scripts, and the trunk that leads to them: 0902000, 0902001 … */
async function trunkTo(
  scripts: readonly Scenario[],
  options: KamailioOptions = {},
): Promise<{ readonly trunk: Kamailio; readonly phones: readonly Sipp[] }> {
  const phones = await Promise.all(scripts.map((scenario) => startSipp(scenario)));
  const numbers = Object.fromEntries(phones.map(({ port }, index) => [`090200${index}`, `127.0.0.1:${port}`]));
  return { trunk: await startKamailio({ numbers, ...options }), phones };
}

test("a line registers, calls a phone through the proxy, takes a key and hangs up; the phone calls back", async () => {
  const trunk = await startKamailio();
  const { line, dial, ready, incoming, health } = await openLine(account(trunk));
  await ready();
  expect(health.at(-1)?.registeredUntil).toBeGreaterThan(Date.now() + 200_000);
  const phone = await Baresip.start({ registrar: trunk.port });
  const { listener } = dial(phone.user);
  await phone.rings();
  await phone.accept();
  await until("it is answered", 5000, () => listener.isAnswered);
  await phone.press("1");
  expect(await listener.over()).toMatchObject({ cause: "finished", sipCode: 200 });
  expect(listener.pressed).toEqual(["1"]);
  expect(listener.rang).toContain(180);
  await phone.over();

  await phone.dial(`sip:0900000@${trunkRealm}`);
  await until("somebody calls", 5000, () => incoming.length === 1);
  expect(incoming[0]).toMatchObject({ from: phone.user, to: "0900000" });
  const back = new Listener();
  incoming[0]?.accept(back, { longest: seconds(30), language: "ja" });
  await until("it is acknowledged", 5000, () => back.isAnswered);
  await phone.press("5");
  expect(await back.over()).toMatchObject({ cause: "finished" });
  expect(back.pressed).toEqual(["5"]);
  await phone.over(5000, 2);

  // Nobody finds us any more.
  await line.stop();
  await phone.dial(`sip:0900000@${trunkRealm}`);
  expect(await phone.over(5000, 3)).toContain("404");
});

test("a trunk that refuses the password again and again is answered once, at the registration and at a call", async () => {
  const trunk = await startKamailio();
  const { line, health, dial } = await openLine(account(trunk), "wrong");
  await until("it failed", 5000, () => line.health.state === "failed");
  expect(health.at(-1)?.problem).toBe("The registrar refuses user or password.");
  const { listener } = dial("0902222");
  expect(await listener.over()).toMatchObject({ cause: "line-failed", sipCode: 407, problem: "The trunk refuses user or password." });
  // REGISTER twice, INVITE twice with an ACK each.
  expect(line.counters?.sent).toBe(6);
});

test.each(["tcp", "tls"] as const)("over %s, with digests of SHA-256", async (transport) => {
  const authority = new TestAuthority(`${openFolder("hinoban-sip-")}/ca`);
  const certificate = authority.issue({ name: "trunk", names: ["DNS:localhost", "IP:127.0.0.1"] });
  const { trunk, phones } = await trunkTo([scenarios.hangsUp(300)], { algorithm: "SHA-256", tls: certificate });
  const { ready, dial } = await openLine(account(trunk, { transport }), trunkPassword, { authorities: [authority.root] });
  await ready();
  const { listener } = dial("0902000");
  // Their BYE finds the way back over our own connection.
  expect(await listener.over()).toMatchObject({ cause: "hung-up" });
  expect(listener.isAnswered).toBe(true);
  await phones[0]?.done();
  if (transport === "tls") {
    const stranger = await openLine(account(trunk, { transport }));
    await until("it failed", 5000, () => stranger.line.health.state === "failed");
    expect(stranger.line.health.problem).toContain("certificate");
  }
});

test("what phones answer is told apart, and those that never end are left behind in time", async () => {
  const quick = { ringFor: seconds(1) };
  const cases: readonly (readonly [Scenario, Partial<CallEnd>])[] = [
    [scenarios.refuses("486 Busy Here"), { cause: "busy", sipCode: 486 }],
    [scenarios.refuses("603 Decline"), { cause: "declined", sipCode: 603 }],
    [scenarios.refuses("480 Temporarily Unavailable"), { cause: "no-answer", sipCode: 480 }],
    [scenarios.refuses("404 Not Found"), { cause: "wrong-number", sipCode: 404 }],
    // The proxy makes a 500 of it, since 503 would be about itself.
    [scenarios.refuses("503 Service Unavailable"), { cause: "line-failed", sipCode: 500 }],
    [scenarios.neverAnswers(), { cause: "no-answer" }],
    [scenarios.never487(), { cause: "no-answer" }],
    [scenarios.answersLate(), { cause: "answered-late", sipCode: 200 }],
    [scenarios.announces("480 Out of Reach", 700), { cause: "no-answer", sipCode: 480 }],
  ];
  const { trunk, phones } = await trunkTo(cases.map(([scenario]) => scenario));
  const { dial, ready } = await openLine(account(trunk));
  await ready();
  // All at once: one line, many transactions.
  const listeners = cases.map((_, index) => dial(`090200${index}`, quick).listener);
  for (const [index, [, expected]] of cases.entries()) {
    const listener = listeners[index];
    expect(await listener?.over()).toMatchObject({ talked: 0, ...expected });
    expect(listener?.isAnswered).toBe(false);
  }
  for (const phone of phones) await phone.done();
});

test("a trunk that is not there, says nothing, or never rings has failed within its time", async () => {
  const patience = { firstResponse: seconds(1), ringing: seconds(1) };
  const nobody = await openLine({ domain: "127.0.0.1", port: await freeUdpPorts(), registers: false });
  const refused = await nobody.dial("0902222").listener.over(2000);
  expect(refused).toMatchObject({ cause: "line-failed", problem: expect.stringContaining("nobody listens") });

  const silent = createSocket("udp4");
  silent.bind(0, "127.0.0.1");
  await once(silent, "listening");
  const deaf = await openLine({ domain: "127.0.0.1", port: silent.address().port, registers: false }, "x", { patience });
  const unheard = await deaf.dial("0902222").listener.over(2500);
  expect(unheard).toMatchObject({ cause: "line-failed", problem: expect.stringContaining("did not answer") });
  silent.close();

  const { trunk, phones } = await trunkTo([scenarios.neverRings()]);
  const mute = await openLine(account(trunk), trunkPassword, { patience });
  await mute.ready();
  const unrung = await mute.dial("0902000").listener.over(4000);
  expect(unrung).toMatchObject({ cause: "line-failed", problem: expect.stringContaining("never rang") });
  await phones[0]?.done();
});

test("a call that is hung up or without sound is over, and the trunk knows it", async () => {
  const { trunk, phones } = await trunkTo([scenarios.hangsUp(300), scenarios.answersWithoutMedia()]);
  const { dial, ready } = await openLine(account(trunk));
  await ready();
  const dropped = dial("0902000").listener;
  const mute = dial("0902001").listener;
  expect(await dropped.over()).toMatchObject({ cause: "hung-up" });
  expect(dropped.end?.talked).toBeGreaterThan(200);
  expect(await mute.over(5000)).toMatchObject({ cause: "line-failed", problem: "The call was answered, but no sound came." });
  for (const phone of phones) await phone.done();
});

test("a machine that answers presses nothing, however much it says", async () => {
  // Ten seconds of a greeting: louder than speech, and no key in it.
  const greeting = Int16Array.from({ length: 80_000 }, (_, at) => 9000 * Math.sin(at / 7) * Math.sin(at / 900));
  const { trunk, phones } = await trunkTo([scenarios.voicemail(greeting)]);
  const { dial, ready } = await openLine(account(trunk));
  await ready();
  const { listener } = dial("0902000");
  const said = await listener.over(30_000);
  expect(listener.isAnswered).toBe(true);
  expect(listener.pressed).toEqual(["silent"]);
  expect(said).toMatchObject({ cause: "finished" });
  await phones[0]?.done();
});

test("what comes from elsewhere is not listened to, whatever it says", async () => {
  const trunk = await startKamailio();
  const { line, ready, incoming, dial } = await openLine(account(trunk));
  await ready();
  const { listener } = dial("0902222");
  expect(await listener.over()).toMatchObject({ cause: "wrong-number" });
  const { port } = (JSON.parse(listener.states[0] ?? "{}") as { readonly local: { readonly port: number } }).local;
  const stranger = createSocket("udp4");
  stranger.bind(0, "127.0.0.2");
  await once(stranger, "listening");
  const heard: Buffer[] = [];
  stranger.on("message", (bytes) => heard.push(bytes));
  const say = (start: string, more: string): void => {
    const head = `Via: SIP/2.0/UDP 127.0.0.2:${stranger.address().port};branch=z9hG4bK${Math.random()};rport\r\nFrom: <sip:x@y>;tag=1\r\n`;
    stranger.send(
      `${start}\r\n${head}To: <sip:0900000@${trunkRealm}>\r\nCall-ID: ${Math.random()}\r\n${more}Content-Length: 0\r\n\r\n`,
      port,
      "127.0.0.1",
    );
  };
  say("INVITE sip:0900000@127.0.0.1 SIP/2.0", "CSeq: 1 INVITE\r\n");
  say("OPTIONS sip:0900000@127.0.0.1 SIP/2.0", "CSeq: 1 OPTIONS\r\n");
  say("BYE sip:0900000@127.0.0.1 SIP/2.0", "CSeq: 1 BYE\r\n");
  say("SIP/2.0 200 OK", "CSeq: 1 INVITE\r\n");
  stranger.send("\u0000\u0001 nothing\r\n\r\n", port, "127.0.0.1");
  await until("all was dropped", 3000, () => line.counters?.strangers === 3 && line.counters.unasked === 1 && line.counters.broken === 1);
  expect(heard).toEqual([]);
  expect(incoming).toEqual([]);
  stranger.close();
});

test("another process ends what an ended one had begun, in every state", async () => {
  const states: { readonly scenario: Scenario; readonly when: (listener: Listener) => boolean }[] = [
    { scenario: scenarios.neverAnswers(), when: (listener) => listener.rang.length > 0 },
    { scenario: scenarios.presses([]), when: (listener) => listener.isAnswered },
  ];
  const { trunk, phones } = await trunkTo(states.map(({ scenario }) => scenario));
  const first = await openLine(account(trunk));
  await first.ready();
  for (const [index, { when }] of states.entries()) {
    const { listener } = first.dial(`090200${index}`);
    await until("it got so far", 5000, () => when(listener));
    const second = await openLine(account(trunk));
    expect(await second.line.recover(listener.states.at(-1) ?? "")).toBe("ended");
    await phones[index]?.done();
  }
});
