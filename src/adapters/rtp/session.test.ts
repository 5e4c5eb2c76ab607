import { expect, it } from "vitest";
import { seconds } from "#base/duration";
import type { Clip, Turn, Voice } from "#ports/phone/port";
import { keyTone } from "#test/phones/capture";
import { FakePhone, mediaRig, withMediaRigs } from "#test/phones/media-rig";
import { babble } from "#test/phones/pcm";
import { until } from "#test/until";
import { decode, encode } from "./g711.ts";
import type { Performed } from "./media.ts";
import { Negotiation } from "./negotiation.ts";
import type { RtpPacket } from "./packet.ts";
import { Srtp } from "./srtp.ts";

withMediaRigs();

const spoken = babble(1000);
const voice: Voice = { speak: () => Promise.resolve({ samples: spoken }), prepare: () => undefined };
const ask: Turn = { say: [{ language: "en", text: "Press 1." }], times: 2, listen: seconds(5), digits: 1, isLast: false };
const lead = 300;

const soundOf = (packets: readonly RtpPacket[]): Int16Array =>
  Int16Array.from(packets.flatMap(({ payload }) => [...decode("PCMU", payload)]));

/** Where in what was heard the spoken clip begins, in milliseconds; each place of a match. */
function placesOf(heard: Int16Array, clip = spoken): number[] {
  const sought = decode("PCMU", encode("PCMU", clip));
  const places: number[] = [];
  for (let at = 0; at + 800 <= heard.length; at += 160) {
    let same = 0;
    while (same < 800 && heard[at + same] === sought[same]) same += 1;
    if (same === 800) places.push(at / 8);
  }
  return places;
}

it("sends silence from the agreement on, packet after packet, without a gap", async () => {
  const { phone, pass } = await mediaRig();
  await pass(1000);
  await until("silence arrives", 2000, () => phone.packets.length >= 50);
  const [first] = phone.packets;
  for (const [index, packet] of phone.packets.entries()) {
    expect(packet.sequence).toBe(((first?.sequence ?? 0) + index) % 65_536);
    expect(packet.timestamp).toBe(((first?.timestamp ?? 0) + index * 160) >>> 0);
    expect([packet.ssrc, packet.type, packet.isMarked]).toEqual([first?.ssrc, 0, false]);
    expect(packet.payload.equals(Buffer.alloc(160, 0xff))).toBe(true);
  }
});

it("says a turn as often as it asks, listens after each, and tells that nothing was pressed", async () => {
  const { session, phone, pass } = await mediaRig();
  const performed = session.perform(ask, voice);
  await pass(lead + 1000 + 5000 + 1000 + 4000);
  await until("it arrives", 2000, () => phone.packets.length >= 560);
  const [first = -1, second = -1, ...rest] = placesOf(soundOf(phone.packets));
  expect(rest).toEqual([]);
  expect(first).toBeGreaterThanOrEqual(lead);
  expect(first).toBeLessThanOrEqual(lead + 40);
  expect(second - first).toBeGreaterThanOrEqual(6000);
  expect(phone.packets.filter(({ isMarked }) => isMarked)).toHaveLength(2);
  await pass(1500);
  expect(await performed).toEqual({ kind: "silent" });
});

it("stops speaking at a key, and hands it on once", async () => {
  const { session, phone, pass, keys } = await mediaRig();
  const performed = session.perform(ask, voice);
  await pass(600);
  await phone.press("1");
  expect(await performed).toEqual({ kind: "keys", digits: "1" });
  const before = phone.packets.length;
  await pass(200);
  await until("silence arrives", 2000, () => phone.packets.length >= before + 9);
  expect(phone.packets.at(-1)?.payload.equals(Buffer.alloc(160, 0xff))).toBe(true);
  expect(keys).toEqual([{ digit: "1", source: "event", isTaken: true }]);
});

it.each([
  ["as many digits as were asked for", "1234", "1234"],
  ["what is there at #", "12#", "12"],
  ["nothing at a # alone", "#9876", "9876"],
])("collects %s", async (_what, pressed, digits) => {
  const { session, phone, pass } = await mediaRig();
  const performed = session.perform({ ...ask, digits: 4 }, voice);
  for (const key of pressed) {
    await pass(300);
    await phone.press(key);
  }
  expect(await performed).toEqual({ kind: "keys", digits });
});

it("asks again when digits stay away in the middle", async () => {
  const { session, phone, pass } = await mediaRig();
  const performed = session.perform({ ...ask, digits: 4 }, voice);
  await pass(500);
  await phone.press("7");
  await pass(5100 + 300);
  await phone.press("1");
  await pass(200);
  for (const key of "234") {
    await phone.press(key);
    await pass(300);
  }
  expect(await performed).toEqual({ kind: "keys", digits: "1234" });
});

it("counts keys that came before the first word, and none that came between turns", async () => {
  const { session, phone, pass, keys } = await mediaRig();
  await pass(100);
  await phone.press("2");
  expect(await session.perform(ask, voice)).toEqual({ kind: "keys", digits: "2" });
  await pass(600);
  await phone.press("1");
  const second = session.perform(ask, voice);
  await pass(600);
  await phone.press("3");
  expect(await second).toEqual({ kind: "keys", digits: "3" });
  expect(keys.map(({ digit, isTaken }) => [digit, isTaken])).toEqual([
    ["2", true],
    ["1", false],
    ["3", true],
  ]);
});

it("takes the first of two keys at once, and tells of the second", async () => {
  const { session, phone, pass, keys } = await mediaRig();
  const performed = session.perform({ ...ask, digits: 2 }, voice);
  await pass(500);
  await phone.press("1", { ends: false });
  await pass(60);
  await phone.press("2");
  expect(keys.map(({ isTaken }) => isTaken)).toEqual([true, false]);
  await pass(400);
  await phone.press("5");
  expect(await performed).toEqual({ kind: "keys", digits: "15" });
});

it("does not take a key that bounces for an answer to the next question", async () => {
  const { session, phone, pass } = await mediaRig();
  const first = session.perform(ask, voice);
  await pass(500);
  await phone.press("1");
  expect(await first).toEqual({ kind: "keys", digits: "1" });
  const second = session.perform(ask, voice);
  await pass(250);
  await phone.press("1");
  await pass(600);
  await phone.press("4");
  expect(await second).toEqual({ kind: "keys", digits: "4" });
});

it("takes digits as quickly as machines dial them", async () => {
  const { session, phone, pass } = await mediaRig();
  const performed = session.perform({ ...ask, digits: 4 }, voice);
  await pass(500);
  for (const key of "4411") {
    await phone.press(key);
    await pass(80);
  }
  expect(await performed).toEqual({ kind: "keys", digits: "4411" });
});

it("hears keys by INFO, and not the same press twice when it comes both ways", async () => {
  const { session, phone, pass, keys } = await mediaRig();
  const first = session.perform(ask, voice);
  session.key("x");
  session.key("12");
  session.key("5");
  expect(await first).toEqual({ kind: "keys", digits: "5" });
  const second = session.perform(ask, voice);
  await pass(200);
  await phone.press("5");
  await pass(2000);
  await phone.press("6");
  expect(await second).toEqual({ kind: "keys", digits: "6" });
  expect(keys.map(({ isTaken }) => isTaken)).toEqual([true, false, true]);
});

it("hears tones only where keys cannot come as events", async () => {
  const sound = Int16Array.from([...new Int16Array(800), ...keyTone("8", 100), ...new Int16Array(800)]);
  for (const events of [true, false]) {
    const { session, phone } = await mediaRig({}, { events });
    const performed = session.perform(ask, voice);
    await phone.sound(sound);
    session.stop();
    expect(await performed).toEqual(events ? { kind: "stopped" } : { kind: "keys", digits: "8" });
  }
});

it("asks nothing in the last turn, and lets its end arrive", async () => {
  const { session, phone, pass } = await mediaRig();
  const performed = session.perform({ ...ask, times: 1, isLast: true }, voice);
  let outcome: Performed | undefined;
  void performed.then((done) => (outcome = done));
  await pass(600);
  await phone.press("1");
  await pass(lead + 1000 - 600 + 200);
  expect(outcome).toBeUndefined();
  await pass(400);
  expect(outcome).toEqual({ kind: "said" });
  await until("it arrives", 2000, () => placesOf(soundOf(phone.packets)).length === 1);
});

it("waits while it is on hold, sends nothing, and says the turn from its begin afterwards", async () => {
  const { session, phone, pass, losses } = await mediaRig({ neverAfter: seconds(3), ceasedAfter: seconds(3) });
  const performed = session.perform({ ...ask, times: 1 }, voice);
  await pass(600);
  const hold = session.answer(`${phone.answer()}a=sendonly\r\n`);
  expect("sdp" in hold && hold.sdp).toContain("a=recvonly");
  expect(session.isHeld).toBe(true);
  await pass(100);
  const before = phone.packets.length;
  await pass(60_000);
  expect(phone.packets.length - before).toBeLessThanOrEqual(1);
  expect(losses).toEqual([]);
  expect("sdp" in session.answer(phone.answer())).toBe(true);
  phone.packets.length = 0;
  await pass(1200);
  await until("it arrives", 2000, () => placesOf(soundOf(phone.packets)).length === 1);
  await phone.press("3");
  expect(await performed).toEqual({ kind: "keys", digits: "3" });
});

it("changes the codec in the middle of a sentence", async () => {
  const { session, phone, pass } = await mediaRig();
  void session.perform(ask, voice);
  await pass(700);
  const changed = session.answer(`v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio ${phone.port} RTP/AVP 8\r\n`);
  expect("sdp" in changed && changed.sdp).toContain("RTP/AVP 8\r\n");
  phone.packets.length = 0;
  await pass(1200);
  await until("A-law arrives", 2000, () => phone.packets.filter(({ type }) => type === 8).length > 55);
  const heard = Int16Array.from(phone.packets.filter(({ type }) => type === 8).flatMap(({ payload }) => [...decode("PCMA", payload)]));
  const sought = decode("PCMA", encode("PCMA", spoken));
  expect(Buffer.from(heard.buffer).includes(Buffer.from(sought.buffer, 0, 1600))).toBe(true);
});

it("tells when no media come, and much later when they end", async () => {
  const silent = await mediaRig();
  await silent.pass(14_900);
  expect(silent.losses).toEqual([]);
  await silent.pass(120_000);
  expect(silent.losses).toEqual(["never"]);
  const { phone, pass, losses } = await mediaRig({ neverAfter: seconds(5), ceasedAfter: seconds(10) });
  for (let at = 0; at < 5; at += 1) {
    await phone.sound(new Int16Array(160));
    await pass(9000);
  }
  expect(losses).toEqual([]);
  await pass(2000);
  expect(losses).toEqual(["ceased"]);
  await phone.sound(new Int16Array(160));
  await pass(11_000);
  expect(losses).toEqual(["ceased", "ceased"]);
  const usual = await mediaRig();
  await usual.phone.sound(new Int16Array(160));
  await usual.pass(59_000);
  expect(usual.losses).toEqual([]);
});

it("takes comfort noise for a sign of life, of whoever is heard alone, and for nothing else", async () => {
  const { session, phone, pass, losses, keys } = await mediaRig({ neverAfter: seconds(2), ceasedAfter: seconds(3), isRecorded: true });
  for (let at = 0; at < 10; at += 1) {
    await phone.send(Uint8Array.of(70), 13);
    await pass(1900);
  }
  expect(losses).toEqual([]);
  expect(session.recorded()?.heard.every((sample) => sample === 0)).toBe(true);
  expect(keys).toEqual([]);
  const stranger = await FakePhone.start(session.port, "127.0.0.9");
  for (let at = 0; at < 4; at += 1) {
    await stranger.send(Uint8Array.of(70), 13);
    await pass(1000);
  }
  expect(losses).toEqual(["ceased"]);
});

it("takes no key from a stranger", async () => {
  const { session, phone, pass, keys } = await mediaRig();
  const stranger = await FakePhone.start(session.port, "127.0.0.9");
  const performed = session.perform(ask, voice);
  await stranger.press("1");
  await phone.sound(new Int16Array(480));
  for (let tries = 0; tries < 5; tries += 1) await stranger.press("1");
  stranger.ssrc = phone.ssrc;
  await stranger.press("1");
  phone.ssrc = 12_345;
  await phone.press("2");
  expect(keys).toEqual([]);
  phone.ssrc = 77;
  await pass(500);
  await phone.press("3");
  expect(await performed).toEqual({ kind: "keys", digits: "3" });
});

it("follows media to where they come from, unless it must not", async () => {
  for (const isSymmetric of [true, false]) {
    const { session, phone, pass, keys } = await mediaRig({ isSymmetric });
    const behindNat = await FakePhone.start(session.port, "127.0.0.9");
    await behindNat.sound(new Int16Array(160 * 6));
    await pass(200);
    await behindNat.press("6");
    expect(keys.map(({ digit }) => digit)).toEqual(isSymmetric ? ["6"] : []);
    await until("it sends there", 2000, async () => {
      await pass(20);
      return (isSymmetric ? behindNat : phone).packets.length > 3;
    });
    // Whoever was agreed on has more right.
    await phone.sound(new Int16Array(480));
    await pass(200);
    await phone.press("7");
    expect(keys.at(-1)?.digit).toBe("7");
  }
});

it("lets a phone begin anew with another SSRC after a pause", async () => {
  const { phone, pass, keys } = await mediaRig();
  await phone.sound(new Int16Array(160));
  phone.ssrc = 4242;
  await phone.press("1");
  expect(keys).toEqual([]);
  await pass(1100);
  await phone.press("1");
  expect(keys.map(({ digit }) => digit)).toEqual(["1"]);
});

it("seals what it says and opens what it hears", async () => {
  const { session, phone, pass, keys } = await mediaRig({ encryption: "sdes" }, { isAgreed: false });
  const theirs = new Negotiation({ host: "127.0.0.1", port: phone.port }, { codecs: ["PCMU"], encryption: "sdes" });
  const answered = theirs.answer(session.offer());
  if (typeof answered === "string" || !answered.agreement.keys) throw new Error("no agreement");
  const { ours, theirs: far } = answered.agreement.keys;
  phone.seal = new Srtp(ours.suite, ours.master);
  phone.open = new Srtp(far.suite, far.master);
  expect(session.accept(answered.sdp)).toBeUndefined();
  const performed = session.perform(ask, voice);
  await pass(1200);
  await until("it arrives", 2000, () => placesOf(soundOf(phone.packets)).length === 1);
  const stranger = await FakePhone.start(session.port);
  await stranger.press("1");
  expect(keys).toEqual([]);
  await phone.press("9");
  expect(await performed).toEqual({ kind: "keys", digits: "9" });
});

it("keeps what was said and heard side by side", async () => {
  const { session, phone, pass } = await mediaRig({ isRecorded: true });
  void session.perform(ask, voice);
  await pass(500);
  await phone.sound(spoken.subarray(0, 1600));
  await pass(1500);
  const { said, heard } = session.recorded() ?? { said: new Int16Array(0), heard: new Int16Array(0) };
  expect(said.length).toBe(heard.length);
  expect(Math.abs(said.length - 16_000)).toBeLessThanOrEqual(320);
  expect(placesOf(said)).toHaveLength(1);
  const [place = -1] = placesOf(heard, spoken.subarray(0, 1600));
  expect(Math.abs(place - 500)).toBeLessThanOrEqual(40);
  const plain = await mediaRig();
  expect(plain.session.recorded()).toBeUndefined();
});

it("stops a turn when another begins or the call ends, and a voice that fails costs nothing but words", async () => {
  const { session, pass } = await mediaRig();
  const first = session.perform(ask, voice);
  const broken: Voice = { speak: () => Promise.reject(new Error("no voice")), prepare: () => undefined };
  const second = session.perform({ ...ask, times: 1 }, broken);
  expect(await first).toEqual({ kind: "stopped" });
  await pass(5100);
  expect(await second).toEqual({ kind: "silent" });
  const third = session.perform(ask, voice);
  session.close();
  session.close();
  expect(await third).toEqual({ kind: "stopped" });
  expect(await session.perform(ask, voice)).toEqual({ kind: "stopped" });
});

it("says nothing before its words are made, but hears keys meanwhile", async () => {
  const { session, phone, pass } = await mediaRig();
  let made: (clip: Clip) => void = () => undefined;
  const slow: Voice = { speak: () => new Promise((resolve) => (made = resolve)), prepare: () => undefined };
  const performed = session.perform({ ...ask, digits: 2 }, slow);
  await pass(1000);
  await phone.press("1");
  await pass(300);
  made({ samples: spoken });
  await pass(300);
  await phone.press("2");
  expect(await performed).toEqual({ kind: "keys", digits: "12" });
  expect(placesOf(soundOf(phone.packets))).toEqual([]);
});
