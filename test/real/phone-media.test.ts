import { afterEach, beforeAll, expect, it } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { RtpPool } from "#adapters/rtp/pool";
import { SipLine } from "#adapters/sip/sip-line";
import { seconds } from "#base/duration";
import { Secret } from "#base/secret";
import type { CallEnd, CallListener, Turn, Voice } from "#ports/phone/port";
import { withDaemons } from "#test/daemons";
import { openFolder } from "#test/folder";
import { Baresip, withPhones } from "#test/phones/baresip";
import { findSound } from "#test/phones/heard";
import { startKamailio, trunkPassword, type Kamailio } from "#test/phones/kamailio";
import { babble } from "#test/phones/pcm";
import { freeUdpPorts } from "#test/phones/ports";
import { scenarios, startSipp, withSipp } from "#test/phones/sipp";
import { TestAuthority } from "#test/test-authority";
import { until } from "#test/until";
import type { LineSettings } from "#wire/line-settings";

withDaemons();
withPhones();
withSipp();

const clock = new SystemClock();
const question = babble(1500, 1);
const thanks = babble(1000, 7);
/** Says the sound of its name. */
const voice: Voice = {
  speak: ([sentence]) => Promise.resolve({ samples: sentence?.text === "thanks" ? thanks : question }),
  prepare: () => undefined,
};
const say = (text: string): Turn["say"] => [{ language: "en", text }];
const ask: Turn = { say: say("question"), times: 3, listen: seconds(2), digits: 1, isLast: false };
const last: Turn = { say: say("thanks"), times: 1, listen: seconds(0), digits: 0, isLast: true };

class Asking implements CallListener {
  readonly pressed: string[] = [];
  isSilent = false;
  isAnswered = false;
  end: CallEnd | undefined;
  readonly saved = (): Promise<void> => Promise.resolve();
  readonly ringing = (): void => undefined;
  readonly answered = (): Promise<Turn> => {
    this.isAnswered = true;
    return Promise.resolve(ask);
  };
  readonly keys = (digits: string): Promise<Turn> => {
    this.pressed.push(digits);
    return Promise.resolve(last);
  };
  readonly silent = (): Promise<Turn> => {
    this.isSilent = true;
    return Promise.resolve(last);
  };
  readonly ended = (end: CallEnd): void => void (this.end = end);

  async over(withinMs = 15_000): Promise<CallEnd> {
    await until("the call is over", withinMs, () => this.end !== undefined);
    if (!this.end) throw new Error("it is not");
    return this.end;
  }
}

const lines: SipLine[] = [];
let pool: RtpPool;
let authority: TestAuthority;

beforeAll(async () => {
  const portFrom = await freeUdpPorts(40);
  pool = new RtpPool({ host: "127.0.0.1", portFrom, portTo: portFrom + 39, clock });
  authority = new TestAuthority(openFolder("hinoban-phone-tls-"));
});

afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
});

function lineAt(kamailio: Kamailio, more: LineSettings = {}): SipLine {
  const port = more.transport === "tls" ? kamailio.tlsPort : kamailio.port;
  const line = new SipLine({
    clock,
    media: pool,
    voiceFor: () => voice,
    password: new Secret(trunkPassword),
    settings: { domain: "trunk.test", server: "127.0.0.1", port, userName: "0501111", dialForm: "digits", ...more },
    network: { host: "127.0.0.1", authorities: [authority.root] },
  });
  line.start({ health: () => undefined });
  lines.push(line);
  return line;
}

let calls = 0;

function call(line: SipLine, to: string): Asking {
  const listener = new Asking();
  calls += 1;
  line.dial({ ref: `call-${calls}`, to, ringFor: seconds(20), longest: seconds(60), language: "en" }, listener);
  return listener;
}

it("says to two phones at once what it should, whole and clear, and hears the key of each", { timeout: 60_000 }, async () => {
  const kamailio = await startKamailio();
  const [tanaka, suzuki] = await Promise.all([
    Baresip.start({ user: "819011110001", registrar: kamailio.port, codecs: ["pcmu"] }),
    Baresip.start({ user: "819011110002", registrar: kamailio.port, codecs: ["pcma"] }),
  ]);
  const line = lineAt(kamailio);
  const toTanaka = call(line, "+819011110001");
  const toSuzuki = call(line, "+819011110002");
  await Promise.all([tanaka.rings(), suzuki.rings()]);
  await Promise.all([tanaka.accept(), suzuki.accept()]);
  // One answers in the middle of the first sentence, the other one when it was said.
  await until("the first words are heard", 10_000, () => toTanaka.isAnswered && tanaka.count("CALL_RTPESTAB") > 0);
  await until("the question was heard once", 10_000, () => findSound(question, tanaka.heard()).correlation > 0.98);
  await tanaka.press("1");
  expect(await toTanaka.over()).toMatchObject({ cause: "finished" });
  await until("the question was heard again", 15_000, () => findSound(question, suzuki.heard(), 3000).correlation > 0.98);
  await suzuki.press("#7");
  expect(await toSuzuki.over()).toMatchObject({ cause: "finished" });
  expect([toTanaka.pressed, toSuzuki.pressed]).toEqual([["1"], ["7"]]);
  await Promise.all([tanaka.over(), suzuki.over()]);
  for (const phone of [tanaka, suzuki]) {
    const heard = phone.heard();
    const first = findSound(question, heard);
    const second = findSound(thanks, heard, first.at + 1500);
    expect(first.correlation).toBeGreaterThan(0.98);
    expect(second.correlation).toBeGreaterThan(0.98);
  }
});

it("speaks SRTP with a phone that demands it, over TLS", { timeout: 60_000 }, async () => {
  const { certFile, keyFile } = authority.issue({ name: "trunk", names: ["DNS:trunk.test", "IP:127.0.0.1"] });
  const kamailio = await startKamailio({ tls: { certFile, keyFile } });
  const phone = await Baresip.start({ user: "819011110003", registrar: kamailio.port, isEncrypted: true, answersItself: true });
  const line = lineAt(kamailio, { transport: "tls", srtp: true });
  const asking = call(line, "+819011110003");
  await phone.event("CALL_ESTABLISHED");
  await until("the question was heard", 10_000, () => findSound(question, phone.heard()).correlation > 0.98);
  await phone.press("5");
  await asking.over();
  expect(asking.pressed).toEqual(["5"]);
});

it("hears keys however phones send them, and none of a machine", { timeout: 60_000 }, async () => {
  const phones = await Promise.all([
    startSipp(scenarios.presses([{ key: "1", at: 700, isEndLost: true }])),
    startSipp(scenarios.presses([{ key: "2", at: 900 }], { asTones: true })),
    startSipp(scenarios.presses([{ key: "3", at: 0 }], { ringsFor: 100 })),
    startSipp(
      scenarios.presses([
        { key: "4", at: 800 },
        { key: "6", at: 830 },
      ]),
    ),
    startSipp(scenarios.hangsUp(900)),
  ]);
  const numbers = Object.fromEntries(phones.map(({ port }, index) => [`8190222200${index}`, `127.0.0.1:${port}`]));
  const kamailio = await startKamailio({ numbers });
  const line = lineAt(kamailio);
  const asked = phones.map((_, index) => call(line, `+8190222200${index}`));
  const ends = await Promise.all(asked.map((asking) => asking.over()));
  expect(asked.map(({ pressed }) => pressed)).toEqual([["1"], ["2"], ["3"], ["4"], []]);
  expect(ends.map(({ cause }) => cause)).toEqual(["finished", "finished", "finished", "finished", "hung-up"]);
  await Promise.all(phones.map((phone) => phone.done()));
});
