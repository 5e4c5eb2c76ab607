import { expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { FakeListener, FakeTransport, openSipRig, settled, trunk, type SipRig } from "#test/sip-rig";
import type { HeaderLine, SipRequest } from "./message.ts";

const registers = { registers: true } as const;

/** Answers the last REGISTER, whose credentials may be asked for first. */
async function answer(rig: SipRig, status: number, headers: readonly HeaderLine[] = []): Promise<SipRequest> {
  const register = rig.transport.last("REGISTER");
  rig.transport.answer(register, status, { headers });
  await settled(rig);
  return register;
}

const granted = (register: SipRequest, expires: number): HeaderLine => [
  "Contact",
  `<sip:other@10.0.0.1>;expires=9, ${register.headers.list("contact")[0]?.replace(/;expires=\d+/u, "")};expires=${expires}`,
];

test("a line registers, stays registered in time, and signs off", async () => {
  const rig = await openSipRig(registers);
  const first = rig.transport.last("REGISTER");
  expect(first.uri).toBe("sip:trunk.test");
  expect(first.to.uri).toBe("sip:0901111@trunk.test");
  expect(first.headers.first("contact")).toBe("<sip:0901111@192.0.2.1:5070>;expires=300");
  await answer(rig, 401, [["WWW-Authenticate", 'Digest realm="trunk.test", nonce="n", algorithm=SHA-256, qop="auth"']]);
  const second = rig.transport.last("REGISTER");
  expect([second.callId, second.from.params.get("tag"), second.cseq.number]).toEqual([first.callId, first.from.params.get("tag"), 2]);
  expect(second.headers.first("authorization")).toContain("algorithm=SHA-256");
  await answer(rig, 200, [granted(second, 120), ["Expires", "3600"]]);
  expect(rig.health.map(({ state }) => state)).toEqual(["connecting", "ready"]);
  expect(rig.line.health.registeredUntil).toBe(rig.clock.now() + 120_000);
  rig.transport.fresh();
  await rig.clock.advance(seconds(107));
  expect(rig.transport.freshNames()).toEqual([]);
  await rig.clock.advance(seconds(1));
  expect(rig.transport.freshNames()).toEqual(["REGISTER 3"]);
  // The nonce is used again, with its counter.
  expect(rig.transport.last("REGISTER").headers.first("authorization")).toContain("nc=00000002");
  await answer(rig, 200, [granted(second, 120)]);
  const stopped = rig.line.stop();
  await settled(rig);
  const last = rig.transport.last("REGISTER");
  expect(last.headers.first("contact")).toBe("<sip:0901111@192.0.2.1:5070>;expires=0");
  expect(last.headers.first("expires")).toBe("0");
  await answer(rig, 200);
  await rig.clock.advance(seconds(2));
  await stopped;
  expect(rig.line.health.state).toBe("off");
  expect(rig.clock.timers.filter((name) => name !== "sip.stop")).toEqual([]);
});

test("too short a time is raised once to what the registrar wants", async () => {
  const rig = await openSipRig(registers);
  await answer(rig, 423, [["Min-Expires", "600"]]);
  expect(rig.transport.last("REGISTER").headers.first("expires")).toBe("600");
  await answer(rig, 423, [["Min-Expires", "900"]]);
  expect(rig.line.health).toMatchObject({ state: "failed", problem: "The registrar refuses the account: 423 OK." });
});

test("behind a translating router the line gives the address that the registrar sees", async () => {
  const rig = await openSipRig(registers);
  const first = rig.transport.last("REGISTER");
  const seen = { ...first, headers: first.headers };
  rig.transport.deliver(
    `SIP/2.0 200 OK
Via: ${first.headers.first("via")?.replace(";rport", ";rport=40123")};received=203.0.113.9
From: ${first.headers.first("from")}
To: ${first.headers.first("to")}
Call-ID: ${seen.callId}
CSeq: 1 REGISTER
Contact: <sip:0901111@192.0.2.1:5070>;expires=60
Content-Length: 0

`,
  );
  await settled(rig);
  const second = rig.transport.last("REGISTER");
  expect(second.headers.list("contact")).toEqual(["<sip:0901111@203.0.113.9:40123>;expires=300", "<sip:0901111@192.0.2.1:5070>;expires=0"]);
  await answer(rig, 200, [granted(second, 60)]);
  expect(rig.line.health.state).toBe("ready");
  const { invite } = await rig.call();
  expect(invite.headers.first("contact")).toBe("<sip:0901111@203.0.113.9:40123>");
  expect(rig.sessions[0]?.options?.advertise).toBe("203.0.113.9");
  const told = await openSipRig(registers, { advertise: "203.0.113.10" });
  await answer(told, 200);
  await told.call();
  expect(told.sessions[0]?.options?.advertise).toBe("203.0.113.10");
});

test("a refused account is told at once, tried again after minutes, and not sooner whatever happens", async () => {
  const rig = await openSipRig(registers);
  const challenge: HeaderLine = ["WWW-Authenticate", 'Digest realm="r", nonce="n"'];
  const sent = (): number => rig.transport.fresh().filter(({ kind }) => kind === "request").length;
  await answer(rig, 401, [challenge]);
  await answer(rig, 401, [challenge]);
  expect(rig.line.health).toEqual({ state: "failed", problem: "The registrar refuses user or password." });
  expect(sent()).toBe(2);
  const pauses: number[] = [];
  rig.transport.lost();
  for (let failure = 1; failure <= 3; failure += 1) {
    pauses.push(await pauseBefore(rig));
    await answer(rig, 403);
  }
  for (const pause of pauses) expect(Math.abs(pause - 300)).toBeLessThanOrEqual(61);
  // Unless somebody found out that the account is right now.
  rig.line.look();
  expect(await pauseBefore(rig)).toBe(1);
});

/** Seconds until something is asked. */
async function pauseBefore(rig: SipRig): Promise<number> {
  rig.transport.fresh();
  let waited = 0;
  for (; waited < 400 && rig.transport.fresh().length === 0; waited += 1) await rig.clock.advance(seconds(1));
  return waited;
}

test("a registrar that has trouble of its own is asked again ever more rarely", async () => {
  const rig = await openSipRig(registers);
  for (const expected of [5, 10, 20, 40, 80, 160, 300, 300]) {
    await answer(rig, expected === 20 ? 408 : 500);
    expect(rig.line.health.state).toBe("failed");
    const pause = await pauseBefore(rig);
    expect(Math.abs(pause - expected)).toBeLessThanOrEqual(expected * 0.2 + 1);
  }
});

test("a registrar that is away is asked at its other address, and what it asks for is granted", async () => {
  const hops = [trunk, { address: "198.51.100.8", port: 5060 }];
  const rig = await openSipRig(registers, { locate: () => Promise.resolve(hops) });
  await rig.clock.advance(seconds(6));
  expect(rig.transport.sent.at(-1)?.to.address).toBe("198.51.100.8");
  rig.transport.answer(rig.transport.last("REGISTER"), 200, { headers: [["Expires", "60"]] }, hops[1]);
  await settled(rig);
  expect(rig.line.health.state).toBe("ready");
  // The one that worked stays in front, also for calls.
  await rig.call();
  expect(rig.transport.sent.at(-1)?.to.address).toBe("198.51.100.8");
  const overloaded = await openSipRig(registers);
  await answer(overloaded, 503, [["Retry-After", "120"]]);
  expect(overloaded.line.health.state).toBe("failed");
  overloaded.transport.fresh();
  overloaded.transport.lost();
  await overloaded.clock.advance(seconds(119));
  expect(overloaded.transport.freshNames()).toEqual([]);
  await overloaded.clock.advance(seconds(2));
  expect(overloaded.transport.freshNames()[0]).toMatch(/^REGISTER/u);
});

test("a line that was opened for IPv4 stays with it, whichever address the name service names first", async () => {
  const both = [trunk, { address: "2001:db8::7", port: 5060 }];
  let found = both;
  const rig = await openSipRig(registers, { locate: () => Promise.resolve(found) });
  await answer(rig, 200, [["Expires", "120"]]);
  found = both.toReversed();
  await rig.clock.advance(seconds(108));
  expect(rig.transport.sent.at(-1)?.to).toEqual(trunk);
  await answer(rig, 200, [["Expires", "120"]]);
  const { invite } = await rig.call();
  rig.transport.answer(invite, 200, { headers: [["Contact", "<sip:phone@name.test>"]], body: "v=0" });
  await settled(rig);
  expect(rig.transport.sent.at(-1)?.to).toEqual(trunk);
});

test("a trunk at an address that is not allowed is not asked, and its other addresses are", async () => {
  const allows = (address: string): boolean => address !== "127.0.0.1";
  const within = { address: "127.0.0.1", port: 5060 };
  const rig = await openSipRig(registers, { allows, locate: () => Promise.resolve([within]) });
  expect(rig.transports).toEqual([]);
  expect(rig.line.health).toEqual({
    state: "failed",
    problem: "The address of trunk.test is not allowed (127.0.0.1). The setting outgoingAllow names networks that are.",
  });
  const both = await openSipRig(registers, {
    allows,
    locate: ({ host }) => Promise.resolve(host === "in.test" ? [within] : [within, trunk]),
  });
  expect(both.transport.sent.map(({ to }) => to)).toEqual([trunk]);
  await answer(both, 200);
  // Nor does a call lead there, whatever its other end says of itself: the trunk is told.
  const { invite, call } = await both.call();
  both.transport.answer(invite, 200, { headers: [["Contact", "<sip:phone@in.test:25>"]], body: "v=0" });
  await settled(both);
  call.end();
  await settled(both);
  expect(both.transport.sent.slice(-2).map(({ message, to }) => [message.kind === "request" && message.method, to])).toEqual([
    ["ACK", trunk],
    ["BYE", trunk],
  ]);
});

test("a name that nobody knows fails the line, which comes back by itself", async () => {
  let isKnown = false;
  const rig = await openSipRig(registers, {
    locate: () => (isKnown ? Promise.resolve([trunk]) : Promise.reject(new Error("no such name"))),
  });
  expect(rig.line.health).toEqual({ state: "failed", problem: "no such name" });
  const listener = new FakeListener();
  rig.line.dial({ ref: "x", to: "0901234", ringFor: seconds(20), longest: seconds(60), language: "en" }, listener);
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: "no such name" }]);
  isKnown = true;
  await rig.clock.advance(seconds(7));
  await answer(rig, 200);
  expect(rig.line.health.state).toBe("ready");
});

test("a connection that ends is opened and registered anew, but not without a pause", async () => {
  const rig = await openSipRig({ ...registers, transport: "tcp" });
  await answer(rig, 200);
  rig.transport.fresh();
  for (let round = 0; round < 5; round += 1) {
    rig.transport.port += 1;
    rig.transport.lost();
    await rig.clock.advance(millis(100));
  }
  expect(rig.transport.freshNames()).toEqual([]);
  await rig.clock.advance(seconds(1));
  expect(rig.transport.last("REGISTER").headers.list("contact")[0]).toContain(":5075;transport=tcp>");
  expect(rig.transport.freshNames()).toEqual(["REGISTER 2"]);
});

test("a connection over which nothing comes any more is let go, and another one registered", async () => {
  const rig = await openSipRig({ ...registers, transport: "tcp" });
  await answer(rig, 200);
  rig.transport.fresh();
  // Some answer an empty line pair with nothing: they are asked what they are able to answer.
  await rig.clock.advance(seconds(35));
  expect(rig.transport.freshNames()).toEqual(["OPTIONS 1"]);
  rig.transport.answer(rig.transport.last("OPTIONS"), 404);
  await rig.clock.advance(seconds(24));
  expect([rig.transport.resets, rig.transport.freshNames()]).toEqual([[], []]);
  await rig.clock.advance(seconds(7));
  expect(rig.transport.resets).toEqual(["198.51.100.7 nothing came for 6 s"]);
  await rig.clock.advance(seconds(1));
  expect(rig.transport.freshNames()).toEqual(["OPTIONS 1", "REGISTER 2"]);
  // One that says something else is only slow.
  await rig.clock.advance(seconds(3));
  rig.transport.deliver("\n\n");
  await rig.clock.advance(seconds(3));
  expect([rig.transport.resets.length, rig.line.health.state]).toEqual([1, "failed"]);
});

test("an INVITE that nobody answers lets go of the connection that took it", async () => {
  const rig = await openSipRig({ ...registers, transport: "tcp" });
  await answer(rig, 200);
  const { listener } = await rig.call();
  await rig.clock.advance(seconds(6));
  expect(rig.transport.resets).toEqual(["198.51.100.7 nothing came for 6 s"]);
  expect(listener.ends).toMatchObject([{ cause: "line-failed" }]);
});

test("a line that is stopped while it opens asks nothing and leaves no socket", async () => {
  let found: (hops: readonly (typeof trunk)[]) => void = () => undefined;
  const early = await openSipRig(registers, { locate: () => new Promise((resolve) => (found = resolve)) });
  await early.line.stop();
  found([trunk]);
  await settled(early);
  expect([early.transports, early.line.health.state]).toEqual([[], "off"]);
  let opened: () => void = () => undefined;
  const transport = new FakeTransport(new FakeClock(), "udp", { message: () => undefined, lost: () => undefined });
  const rig = await openSipRig(registers, { open: () => new Promise((resolve) => (opened = () => resolve(transport))) });
  await rig.line.stop();
  opened();
  await settled(rig);
  expect([transport.isClosed, transport.sent, rig.line.health.state]).toEqual([true, [], "off"]);
});

test("a registration that comes through while the line is stopped is taken back", async () => {
  const rig = await openSipRig(registers);
  const first = rig.transport.last("REGISTER");
  const stopped = rig.line.stop();
  await settled(rig);
  rig.transport.answer(first, 200);
  await settled(rig);
  expect(rig.transport.last("REGISTER").headers.first("expires")).toBe("0");
  await rig.clock.advance(seconds(2));
  await stopped;
  expect(rig.transport.isClosed).toBe(true);
});

test("a trunk without registration is alive as long as it answers anything", async () => {
  const rig = await openSipRig();
  expect(rig.line.health.state).toBe("ready");
  await rig.clock.advance(seconds(30));
  rig.transport.answer(rig.transport.last("OPTIONS"), 405);
  await settled(rig);
  expect(rig.line.health.state).toBe("ready");
  await rig.clock.advance(seconds(40));
  expect(rig.line.health).toMatchObject({ state: "failed", problem: "The trunk does not answer: nothing was answered within 6 s." });
  rig.transport.fresh();
  while (rig.transport.freshNames().length === 0) await rig.clock.advance(seconds(1));
  rig.transport.answer(rig.transport.last("OPTIONS"), 200);
  await settled(rig);
  expect(rig.line.health.state).toBe("ready");
});

test("what an ended process had begun is cancelled from its own port, and what is not known is gone", async () => {
  const before = await openSipRig();
  const { invite, listener } = await before.call();
  before.transport.answer(invite, 180);
  const state = listener.states.at(-1) ?? "";
  const outcomes = [
    ["ended", 200],
    ["gone", 481],
    ["unknown", undefined],
  ] as const;
  for (const [outcome, status] of outcomes) {
    const rig = await openSipRig();
    const recovered = rig.line.recover(state);
    await settled(rig);
    const own = rig.transports.at(-1);
    const cancel = own?.last("CANCEL");
    if (!own || !cancel) throw new Error("nothing was cancelled");
    expect(rig.transports).toHaveLength(2);
    expect([own.port, cancel.via.params.get("branch"), cancel.callId]).toEqual([5070, invite.via.params.get("branch"), invite.callId]);
    expect(cancel.headers.first("via")).toBe(invite.headers.first("via"));
    if (status !== undefined) own.answer(cancel, status);
    if (status === 200) own.answer(invite, 487);
    await rig.clock.advance(seconds(15));
    expect(await recovered).toBe(outcome);
    if (status === 200) expect(own.last("ACK").via.params.get("branch")).toBe(invite.via.params.get("branch"));
  }
});

test("a call that was answered while the process was away is acknowledged and hung up", async () => {
  const before = await openSipRig();
  const { invite, listener } = await before.call();
  const rig = await openSipRig();
  const recovered = rig.line.recover(listener.states.at(-1) ?? "");
  await settled(rig);
  const own = rig.transport;
  own.answer(own.last("CANCEL"), 481);
  await rig.clock.advance(seconds(3));
  own.answer(invite, 200, { headers: [["Contact", "<sip:phone@198.51.100.9>"]], body: "v=0" });
  await settled(rig);
  expect(own.last("ACK").uri).toBe("sip:phone@198.51.100.9");
  own.answer(own.last("BYE"), 200);
  await settled(rig);
  expect(await recovered).toBe("ended");
});

test("a call that talked is ended by BYE with a number above all that were used", async () => {
  const before = await openSipRig();
  const { invite, listener } = await before.call();
  before.transport.answer(invite, 200, { headers: [["Contact", "<sip:phone@198.51.100.9>"]], body: "v=0" });
  await settled(before);
  for (const [status, outcome] of [
    [200, "ended"],
    [481, "gone"],
    [408, "unknown"],
  ] as const) {
    const rig = await openSipRig();
    const recovered = rig.line.recover(listener.states.at(-1) ?? "");
    await settled(rig);
    const bye = rig.transport.last("BYE");
    expect([bye.uri, bye.callId, bye.to.params.get("tag")]).toEqual(["sip:phone@198.51.100.9", invite.callId, "them"]);
    expect(bye.cseq.number).toBeGreaterThan(10);
    rig.transport.answer(bye, status);
    await settled(rig);
    expect(await recovered).toBe(outcome);
  }
  const rig = await openSipRig();
  expect(await rig.line.recover("rubbish")).toBe("unknown");
});
