import { expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { FakeListener, openSipRig, settled, trunk, type SipRig } from "#test/sip-rig";

const limits = { longest: seconds(60), language: "ja" } as const;

interface Wishes {
  readonly method?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly tag?: string | undefined;
  readonly more?: string;
  readonly body?: string;
  readonly callId?: string;
  readonly from?: string;
}

function asked({
  method = "INVITE",
  cseq = 1,
  branch = `b${Math.random()}`,
  tag,
  more = "",
  body = "v=0",
  callId = "call-1",
  from = "<sip:09012345678@trunk.test>;tag=theirs",
}: Wishes = {}): string {
  return `${method} sip:0312345678@192.0.2.1:5070 SIP/2.0
Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK${branch}
Record-Route: <sip:198.51.100.7;lr>
From: ${from}
To: <sip:0312345678@trunk.test>${tag === undefined ? "" : `;tag=${tag}`}
Call-ID: ${callId}
CSeq: ${cseq} ${method}
Contact: <sip:caller@198.51.100.9>
${more}Content-Length: ${body.length}

${body}`;
}

async function ringing(rig: SipRig, wishes: Wishes = {}) {
  rig.transport.fresh();
  rig.transport.deliver(asked(wishes));
  await settled(rig);
  const call = rig.incoming.at(-1);
  if (!call) throw new Error(`nobody calls: ${rig.transport.freshNames().join(", ")}`);
  return call;
}

const japan = { countryCode: "81", dialForm: "national" } as const;

test("somebody calls, is answered, presses a key, and hangs up", async () => {
  const rig = await openSipRig(japan);
  const call = await ringing(rig);
  expect(call).toMatchObject({ from: "+819012345678", to: "0312345678" });
  expect(rig.transport.freshNames()).toEqual(["100 INVITE 1", "180 INVITE 1"]);
  const listener = new FakeListener();
  call.accept(listener, limits);
  await settled(rig);
  const ok = rig.transport.lastResponse();
  expect([ok.status, ok.body, ok.headers.first("contact")]).toEqual([200, "v=0\r\nanswer", "<sip:0901111@192.0.2.1:5070>"]);
  expect(ok.headers.list("record-route")).toEqual(["<sip:198.51.100.7;lr>"]);
  expect(JSON.parse(listener.states[0] ?? "{}")).toMatchObject({
    callId: "call-1",
    invites: [],
    dialog: { target: "sip:caller@198.51.100.9" },
  });
  // It is repeated until the ACK comes.
  await rig.clock.advance(millis(1600));
  expect(rig.transport.freshNames()).toEqual(["200 INVITE 1", "200 INVITE 1", "200 INVITE 1"]);
  const tag = ok.to.params.get("tag");
  rig.transport.deliver(asked({ method: "ACK", tag, body: "" }));
  await rig.clock.advance(seconds(5));
  expect(rig.transport.freshNames()).toEqual([]);
  expect(listener.events).toEqual(["answered"]);
  rig.sessions[0]?.done({ kind: "keys", digits: "1" });
  await settled(rig);
  expect(listener.events).toEqual(["answered", "keys 1"]);
  rig.transport.deliver(asked({ method: "BYE", cseq: 2, tag, body: "" }));
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "hung-up", talked: 5000 }]);
  expect(rig.transport.freshNames()).toEqual(["200 BYE 2"]);
});

test("we hang up with the route as it came, and an offer of ours is answered in the ACK", async () => {
  const rig = await openSipRig(japan);
  const call = await ringing(rig, { body: "" });
  const listener = new FakeListener();
  const live = call.accept(listener, limits);
  await settled(rig);
  expect(rig.transport.lastResponse().body).toBe("v=0\r\nours");
  rig.transport.deliver(asked({ method: "ACK", tag: rig.transport.lastResponse().to.params.get("tag"), body: "v=0 theirs" }));
  await settled(rig);
  expect(rig.sessions[0]?.accepted).toEqual(["v=0 theirs"]);
  live.end();
  await settled(rig);
  const bye = rig.transport.last("BYE");
  expect([bye.uri, bye.headers.list("route"), bye.to.params.get("tag")]).toEqual([
    "sip:caller@198.51.100.9",
    ["<sip:198.51.100.7;lr>"],
    "theirs",
  ]);
  expect(listener.ends).toMatchObject([{ cause: "finished" }]);
});

test("a caller that gives up is let go, before and while we answer", async () => {
  const rig = await openSipRig(japan);
  const call = await ringing(rig, { branch: "one" });
  rig.transport.fresh();
  rig.transport.deliver(asked({ method: "CANCEL", branch: "one", body: "" }));
  expect(rig.transport.freshNames()).toEqual(["200 CANCEL 1", "487 INVITE 1"]);
  const listener = new FakeListener();
  call.accept(listener, limits);
  expect(listener.ends).toMatchObject([{ cause: "hung-up", talked: 0 }]);
  rig.transport.deliver(asked({ method: "CANCEL", branch: "other", body: "" }));
  expect(rig.transport.freshNames()).toEqual(["481 CANCEL 1"]);
});

test("a caller that gives up while the port is being opened leaves no port behind", async () => {
  const rig = await openSipRig(japan);
  const call = await ringing(rig, { branch: "one" });
  let go: () => void = () => undefined;
  rig.holdSound(new Promise((resolve) => (go = resolve)));
  const listener = new FakeListener();
  call.accept(listener, limits);
  rig.transport.deliver(asked({ method: "CANCEL", branch: "one", body: "" }));
  expect(listener.ends).toMatchObject([{ cause: "hung-up" }]);
  go();
  await settled(rig);
  expect([rig.sessions[0]?.isClosed, listener.states]).toEqual([true, []]);
});

test("an ACK with the branch of its INVITE is taken, and a call has an end whatever becomes of it", async () => {
  const rig = await openSipRig(japan);
  const listener = new FakeListener();
  (await ringing(rig, { branch: "one" })).accept(listener, limits);
  await settled(rig);
  const tag = rig.transport.lastResponse().to.params.get("tag");
  rig.transport.deliver(asked({ method: "ACK", branch: "one", tag, body: "" }), { address: "203.0.113.66", port: 5060 });
  await settled(rig);
  expect(listener.events).toEqual(["answered"]);
  rig.transport.fresh();
  await rig.clock.advance(seconds(5));
  expect(rig.transport.freshNames()).toEqual([]);
  await rig.clock.advance(seconds(55));
  expect(listener.ends).toMatchObject([{ cause: "finished", talked: 60_000 }]);
  const lost = new FakeListener();
  (await ringing(rig, { branch: "two", callId: "two" })).accept(lost, { ...limits, longest: seconds(20) });
  await settled(rig);
  // An ACK that belongs to no call of ours ends the repetitions, not the call.
  rig.transport.deliver(asked({ method: "ACK", branch: "two", callId: "two", tag: "strange", body: "" }));
  await rig.clock.advance(seconds(20));
  expect(lost.ends).toMatchObject([{ cause: "finished" }]);
  expect(rig.transport.last("BYE").callId).toBe("two");
});

test("nobody is kept waiting: rejected, undecided, unacknowledged, without sound in common", async () => {
  const rig = await openSipRig(japan);
  (await ringing(rig, { callId: "a" })).reject();
  expect(rig.transport.lastResponse().status).toBe(603);
  await ringing(rig, { callId: "b" });
  await rig.clock.advance(seconds(60));
  expect(rig.transport.sent.some(({ message }) => message.kind === "response" && message.callId === "b" && message.status === 480)).toBe(
    true,
  );
  const listener = new FakeListener();
  (await ringing(rig, { callId: "c" })).accept(listener, limits);
  await rig.clock.advance(seconds(33));
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: "The trunk did not acknowledge that we answered." }]);
  expect(rig.transport.last("BYE").callId).toBe("c");
});

test("who calls is told by the trunk's own word first, and may be withheld", async () => {
  const rig = await openSipRig(japan);
  const from = async (wishes: Wishes): Promise<string> => (await ringing(rig, { ...wishes, callId: `c${Math.random()}` })).from;
  expect(await from({ more: "P-Asserted-Identity: <sip:0398765432@trunk.test>\n" })).toBe("+81398765432");
  expect(await from({ more: "P-Asserted-Identity: <sip:0398765432@trunk.test>\nPrivacy: id\n" })).toBe("");
  expect(await from({ from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1' })).toBe("");
  expect(await from({ from: "<sip:0104412345678@trunk.test>;tag=1" })).toBe("+4412345678");
  expect(await from({ from: "<sip:201@trunk.test>;tag=1" })).toBe("201");
  expect(await from({ from: "<tel:+819011112222>;tag=1" })).toBe("+819011112222");
});

test("only the line's addresses are listened to, and what they ask outside of calls is answered", async () => {
  const rig = await openSipRig(japan);
  rig.transport.fresh();
  rig.transport.deliver(asked(), { address: "203.0.113.66", port: 5060 });
  rig.transport.deliver(asked({ method: "OPTIONS", body: "" }), { address: "203.0.113.66", port: 5060 });
  await settled(rig);
  expect([rig.transport.fresh(), rig.incoming, rig.line.counters?.strangers]).toEqual([[], [], 2]);
  for (const [method, status] of [
    ["OPTIONS", 200],
    ["NOTIFY", 200],
    ["MESSAGE", 405],
    ["SUBSCRIBE", 405],
    ["BYE", 481],
    ["INFO", 481],
  ] as const) {
    rig.transport.deliver(asked({ method, body: "" }));
    expect(rig.transport.freshNames()).toEqual([`${status} ${method} 1`]);
  }
  rig.transport.deliver(asked({ method: "BYE", tag: "strange", body: "" }));
  rig.transport.deliver(asked({ more: "Require: precondition, timer\n" }));
  expect(rig.transport.freshNames()).toEqual(["481 BYE 1", "420 INVITE 1"]);
  expect(rig.transport.lastResponse().headers.first("unsupported")).toBe("precondition");
  // An answer goes back to where it came from, at the port that Via names.
  expect(rig.transport.sent.at(-1)?.to).toEqual({ address: trunk.address, port: 5060 });
});

test("a line that takes no calls says so, and one that is called too often at once is busy", async () => {
  const closed = await openSipRig(japan, {}, false);
  closed.transport.fresh();
  closed.transport.deliver(asked());
  await settled(closed);
  expect(closed.transport.freshNames().at(-1)).toBe("480 INVITE 1");
  const rig = await openSipRig(japan);
  for (let at = 0; at < 17; at += 1) await ringing(rig, { callId: `many ${at}`.replace(" ", "-") });
  expect(rig.transport.freshNames()).toEqual(["100 INVITE 1", "486 INVITE 1"]);
  expect(rig.incoming).toHaveLength(16);
});
