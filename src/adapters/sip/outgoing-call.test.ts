import { expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { openSipRig, settled, talking, theirContact as contact, theirSdp as sdp, trunk, turn } from "#test/sip-rig";

test("a call is answered, a key is pressed, all is said, and it is hung up", async () => {
  const rig = await openSipRig();
  const { listener, invite, media } = await talking(rig);
  expect(invite.uri).toBe("sip:+819012345678@trunk.test");
  expect(invite.headers.first("max-forwards")).toBe("70");
  expect(invite.headers.first("contact")).toBe("<sip:0901111@192.0.2.1:5070>");
  expect(listener.events).toEqual(["ringing 180", "answered"]);
  expect(media.accepted).toEqual(["v=0\r\ntheirs"]);
  const ack = rig.transport.last("ACK");
  expect(ack.uri).toBe("sip:phone@198.51.100.9:5080");
  expect(ack.cseq.number).toBe(invite.cseq.number);
  expect(ack.via.params.get("branch")).not.toBe(invite.via.params.get("branch"));
  media.done({ kind: "keys", digits: "1" });
  await settled(rig);
  expect(media.turns.at(-1)).toEqual(turn("pressed 1", true));
  await rig.clock.advance(seconds(3));
  media.done({ kind: "said" });
  await settled(rig);
  const bye = rig.transport.last("BYE");
  expect(bye.cseq.number).toBe(invite.cseq.number + 1);
  expect(bye.to.params.get("tag")).toBe("them");
  expect(listener.ends).toEqual([{ cause: "finished", talked: 3000, sipCode: 200 }]);
  expect(media.isClosed).toBe(true);
});

test.each([
  [486, "busy"],
  [600, "busy"],
  [603, "declined"],
  [480, "no-answer"],
  [408, "no-answer"],
  [404, "wrong-number"],
  [484, "wrong-number"],
  [604, "wrong-number"],
  [403, "line-failed"],
  [500, "line-failed"],
  [502, "line-failed"],
  [503, "line-failed"],
  [488, "line-failed"],
  [302, "no-answer"],
  [699, "line-failed"],
] as const)("%i means %s", async (status, cause) => {
  const rig = await openSipRig();
  const { listener, invite } = await rig.call();
  rig.transport.answer(invite, 100);
  rig.transport.answer(invite, status, { headers: [["Retry-After", "17;duration=3"]] });
  await settled(rig);
  expect(listener.ends).toEqual([
    expect.objectContaining({ cause, sipCode: status, talked: 0, ...(cause === "line-failed" ? { retryAfter: 17_000 } : {}) }),
  ]);
  const ack = rig.transport.last("ACK");
  expect([ack.uri, ack.via.params.get("branch"), ack.to.params.get("tag")]).toEqual([invite.uri, invite.via.params.get("branch"), "them"]);
  expect(rig.sessions[0]?.isClosed).toBe(true);
});

test("the route of a call goes through its proxies in reverse order, and a strict router is obeyed", async () => {
  const rig = await openSipRig();
  const { invite } = await rig.call();
  rig.transport.answer(invite, 200, {
    ...sdp,
    headers: [contact, ["Record-Route", "<sip:198.51.100.2;lr>, <sip:198.51.100.1;lr>"], ["Record-Route", "<sip:198.51.100.7>"]],
  });
  await settled(rig);
  const ack = rig.transport.last("ACK");
  expect(ack.uri).toBe("sip:198.51.100.7");
  expect(ack.headers.list("route")).toEqual(["<sip:198.51.100.1;lr>", "<sip:198.51.100.2;lr>", "<sip:phone@198.51.100.9:5080>"]);
});

test("the INVITE is sent again until a sign of life, and never after it", async () => {
  const rig = await openSipRig();
  const { invite } = await rig.call();
  rig.transport.fresh();
  await rig.clock.advance(millis(1600));
  expect(rig.transport.freshNames()).toEqual(["INVITE 1", "INVITE 1"]);
  rig.transport.answer(invite, 100);
  await rig.clock.advance(seconds(10));
  expect(rig.transport.freshNames()).toEqual([]);
});

test("without any answer the line has failed after six seconds, and a late sign of life is cancelled", async () => {
  const rig = await openSipRig();
  const { listener, invite } = await rig.call();
  await rig.clock.advance(seconds(6));
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: "The trunk did not answer within 6 s." }]);
  rig.transport.fresh();
  await rig.clock.advance(seconds(3));
  expect(rig.transport.freshNames().filter((name) => name.startsWith("INVITE"))).toEqual([]);
  rig.transport.answer(invite, 180);
  await settled(rig);
  const cancel = rig.transport.last("CANCEL");
  expect(cancel.via.params.get("branch")).toBe(invite.via.params.get("branch"));
  expect(cancel.to.params.has("tag")).toBe(false);
  expect(listener.events).toEqual([]);
});

test("a machine that says that nobody listens ends the call at once", async () => {
  const rig = await openSipRig();
  const { listener } = await rig.call();
  rig.transport.refused.add(trunk.address);
  await rig.clock.advance(millis(500));
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: expect.stringContaining("nobody listens") }]);
});

test("a trunk that takes the call and never rings has failed, well before anybody would have been rung", async () => {
  const rig = await openSipRig();
  const { listener, invite } = await rig.call();
  rig.transport.answer(invite, 100);
  await rig.clock.advance(seconds(15));
  const cancel = rig.transport.last("CANCEL");
  rig.transport.answer(cancel, 200);
  rig.transport.answer(invite, 487);
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", sipCode: 487, problem: "The trunk took the call, but it never rang." }]);
});

test("who is rung long enough and does not answer is cancelled, also when the trunk never says that it is over", async () => {
  const rig = await openSipRig();
  for (const says487 of [true, false]) {
    const { listener, invite } = await rig.call();
    rig.transport.answer(invite, 180);
    await rig.clock.advance(seconds(25));
    rig.transport.answer(rig.transport.last("CANCEL"), 200);
    if (says487) rig.transport.answer(invite, 487);
    await settled(rig);
    expect(listener.ends).toHaveLength(says487 ? 1 : 0);
    await rig.clock.advance(seconds(2));
    expect(listener.ends).toMatchObject([{ cause: "no-answer" }]);
  }
});

test("early media is no answer, and the clock of the ringing goes on", async () => {
  const rig = await openSipRig();
  const { listener, invite } = await rig.call();
  rig.transport.answer(invite, 183, sdp);
  await rig.clock.advance(seconds(20));
  rig.transport.answer(invite, 180);
  await rig.clock.advance(seconds(5));
  expect(rig.transport.last("CANCEL").callId).toBe(invite.callId);
  expect(rig.sessions[0]?.accepted).toEqual([]);
  expect(listener.events).toEqual(["ringing 183", "ringing 180"]);
});

test("an answer that crosses the CANCEL is acknowledged and hung up without a word", async () => {
  const rig = await openSipRig();
  const { call, listener, invite } = await rig.call();
  rig.transport.answer(invite, 180);
  call.end();
  rig.transport.answer(invite, 200, { ...sdp, headers: [contact] });
  await settled(rig);
  expect(rig.transport.last("ACK").uri).toBe("sip:phone@198.51.100.9:5080");
  expect(rig.transport.last("BYE").uri).toBe("sip:phone@198.51.100.9:5080");
  expect(listener.ends).toMatchObject([{ cause: "answered-late" }]);
  expect(listener.events).toEqual(["ringing 180"]);
});

test("giving up before any sign of life sends the CANCEL only after one", async () => {
  const rig = await openSipRig();
  const { call, listener, invite } = await rig.call();
  call.end();
  rig.transport.fresh();
  await rig.clock.advance(seconds(2));
  expect(listener.ends).toMatchObject([{ cause: "cancelled" }]);
  expect(rig.transport.freshNames()).toEqual([]);
  rig.transport.answer(invite, 100);
  await settled(rig);
  expect(rig.transport.freshNames()).toEqual(["CANCEL 1"]);
});

test("an answer that comes again is acknowledged again, and other branches of a fork are hung up", async () => {
  const rig = await openSipRig();
  const { invite, listener } = await talking(rig);
  rig.transport.fresh();
  rig.transport.answer(invite, 200, { ...sdp, headers: [contact] });
  rig.transport.answer(invite, 200, { ...sdp, headers: [["Contact", "<sip:other@198.51.100.9>"]], tag: "other" });
  await settled(rig);
  expect(rig.transport.freshNames()).toEqual(["ACK 1", "ACK 1", "BYE 2"]);
  expect(rig.transport.last("BYE").uri).toBe("sip:other@198.51.100.9");
  expect(listener.ends).toEqual([]);
});

test("an INVITE is authenticated once, with a new number and branch; the second refusal ends the call", async () => {
  const rig = await openSipRig();
  const challenge = { headers: [["Proxy-Authenticate", 'Digest realm="trunk.test", nonce="n1", qop="auth"']] } as const;
  const { listener, invite } = await rig.call();
  rig.transport.answer(invite, 407, challenge);
  await settled(rig);
  const second = rig.transport.last("INVITE");
  expect([second.cseq.number, second.callId, second.from.params.get("tag")]).toEqual([2, invite.callId, invite.from.params.get("tag")]);
  expect(second.via.params.get("branch")).not.toBe(invite.via.params.get("branch"));
  expect(second.headers.first("proxy-authorization")).toContain('uri="sip:+819012345678@trunk.test"');
  rig.transport.answer(second, 407, challenge);
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", sipCode: 407, problem: "The trunk refuses user or password." }]);
  expect(rig.transport.sent.filter(({ message }) => message.kind === "request" && message.method === "INVITE")).toHaveLength(2);
  expect(listener.states).toHaveLength(2);
});

test("what is saved stands before what leaves, and a call that cannot be saved is not placed", async () => {
  const rig = await openSipRig();
  const listener = rig.listener;
  let go: () => void = () => undefined;
  listener.save = () => new Promise((resolve) => (go = resolve));
  rig.line.dial({ ref: "x", to: "+819012345678", ringFor: seconds(20), longest: seconds(60), language: "en" }, listener);
  await settled(rig);
  expect(rig.transport.freshNames()).toEqual([]);
  expect(JSON.parse(listener.states[0] ?? "{}")).toMatchObject({ kind: "sip", local: { host: "192.0.2.1", port: 5070 } });
  expect(listener.states[0]).not.toContain("himitsu");
  go();
  await settled(rig);
  expect(rig.transport.freshNames()).toEqual(["INVITE 1"]);
  const other = (await rig.call()).listener;
  expect(other.ends).toEqual([]);
  listener.save = () => Promise.reject(new Error("the database is away"));
  rig.line.dial({ ref: "y", to: "+819012345678", ringFor: seconds(20), longest: seconds(60), language: "en" }, listener);
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: "the database is away" }]);
});

test("a call that cannot be noted in time is given up, and does not leave later", async () => {
  const rig = await openSipRig();
  let go: () => void = () => undefined;
  rig.listener.save = () => new Promise((resolve) => (go = resolve));
  rig.line.dial({ ref: "x", to: "+819012345678", ringFor: seconds(20), longest: seconds(60), language: "en" }, rig.listener);
  await settled(rig);
  await rig.clock.advance(seconds(10));
  expect(rig.listener.ends).toMatchObject([{ cause: "line-failed", problem: "The call could not be noted in time." }]);
  go();
  await settled(rig);
  expect(rig.transport.freshNames()).toEqual([]);
});

test("a call that is given up while its port is being opened leaves no port behind", async () => {
  const rig = await openSipRig();
  let go: () => void = () => undefined;
  rig.holdSound(new Promise((resolve) => (go = resolve)));
  const call = rig.line.dial({ ref: "x", to: "+819012345678", ringFor: seconds(20), longest: seconds(60), language: "en" }, rig.listener);
  await settled(rig);
  call.end();
  expect(rig.listener.ends).toMatchObject([{ cause: "cancelled" }]);
  go();
  await settled(rig);
  expect([rig.sessions[0]?.isClosed, rig.transport.freshNames(), rig.listener.ends.length]).toEqual([true, [], 1]);
});

test("emergency numbers and what is no number are never dialled", async () => {
  const rig = await openSipRig({ dialForm: "national", countryCode: "81" });
  for (const to of ["110", "+81110", "119", "09012345678\r\nX: y", "sip:a@b", "", "a b"]) {
    rig.listener.ends.length = 0;
    rig.line.dial({ ref: "x", to, ringFor: seconds(20), longest: seconds(60), language: "en" }, rig.listener);
    await settled(rig);
    expect(rig.listener.ends).toMatchObject([{ cause: "wrong-number" }]);
  }
  expect(rig.transport.freshNames()).toEqual([]);
});

test("a redirection is followed once, to the same number on the same line", async () => {
  const rig = await openSipRig({ dialForm: "national", countryCode: "81", dialPrefix: "0" });
  const { invite, listener } = await rig.call();
  expect(invite.uri).toBe("sip:009012345678@trunk.test");
  const same = { headers: [["Contact", '"Desk" <sip:%2B819012345678;phone-context=x@TRUNK.test:5099;transport=tcp>']] } as const;
  rig.transport.answer(invite, 302, same);
  await settled(rig);
  const second = rig.transport.last("INVITE");
  expect(second.uri).toBe("sip:+819012345678@trunk.test");
  expect(rig.transport.sent.at(-1)?.to).toEqual(trunk);
  rig.transport.answer(second, 302, same);
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "no-answer", sipCode: 302 }]);
});

test("a redirection to another number or another house is not followed", async () => {
  for (const uri of [
    "sip:0312345678@trunk.test",
    "tel:+441632960000",
    "sip:119@trunk.test",
    "sip:09012345678@evil.example",
    "sip:trunk.test",
  ]) {
    const rig = await openSipRig({ dialForm: "national", countryCode: "81" });
    const { invite, listener } = await rig.call();
    rig.transport.fresh();
    rig.transport.answer(invite, 302, { headers: [["Contact", `<${uri}>`]] });
    await settled(rig);
    expect(rig.transport.freshNames()).toEqual(["ACK 1"]);
    expect(listener.ends).toMatchObject([{ cause: "no-answer", sipCode: 302 }]);
  }
});

test("too short a session is asked for anew once", async () => {
  const rig = await openSipRig();
  const { invite, listener } = await rig.call();
  rig.transport.answer(invite, 422, { headers: [["Min-SE", "1800"]] });
  await settled(rig);
  const second = rig.transport.last("INVITE");
  expect(second.headers.first("session-expires")).toBe("1800;refresher=uas");
  expect(second.headers.first("min-se")).toBe("1800");
  rig.transport.answer(second, 422, { headers: [["Min-SE", "3600"]] });
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", sipCode: 422 }]);
});

test("reliable ringing is acknowledged when it is demanded, and the BYE counts on from there", async () => {
  const rig = await openSipRig();
  const { call, invite } = await rig.call();
  const reliable = { headers: [contact, ["Require", "100rel"], ["RSeq", "7"]] } as const;
  rig.transport.answer(invite, 183, { ...reliable, body: "v=0\r\nearly" });
  rig.transport.answer(invite, 183, { ...reliable, body: "v=0\r\nearly" });
  await settled(rig);
  expect(rig.transport.last("PRACK").headers.first("rack")).toBe("7 1 INVITE");
  expect(rig.transport.last("PRACK").cseq.number).toBe(2);
  rig.transport.answer(rig.transport.last("PRACK"), 200);
  // The answer was in the reliable response already: the 200 may come without one.
  rig.transport.answer(invite, 200, { headers: [contact] });
  await settled(rig);
  expect(rig.sessions[0]?.accepted).toEqual(["v=0\r\nearly"]);
  call.end();
  await settled(rig);
  expect(rig.transport.last("BYE").cseq.number).toBe(3);
  expect(rig.transport.sent.filter(({ message }) => message.kind === "request" && message.method === "PRACK")).toHaveLength(1);
});

test("an answer without sound, or with sound that cannot be used, is hung up as a failure of the line", async () => {
  const rig = await openSipRig();
  const empty = await rig.call();
  rig.transport.answer(empty.invite, 200, { headers: [contact] });
  await settled(rig);
  expect(empty.listener.ends).toMatchObject([{ cause: "line-failed", problem: "The call was answered without sound." }]);
  expect(rig.transport.last("BYE").callId).toBe(empty.invite.callId);
  const { media, listener } = await talking(rig);
  media.loses("never");
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed", problem: "The call was answered, but no sound came." }]);
  expect(rig.transport.last("BYE").callId).not.toBe(empty.invite.callId);
});

test("the second address is tried when the first cannot be reached, does not answer or is overloaded", async () => {
  const hops = ["198.51.100.7", "198.51.100.8"].map((address) => ({ address, port: 5060 }));
  for (const what of ["unreachable", "silent", "503"]) {
    const rig = await openSipRig({}, { locate: () => Promise.resolve(hops) });
    rig.transport.answer(rig.transport.last("OPTIONS"), 200);
    if (what === "unreachable") rig.transport.unreachable.add("198.51.100.7");
    const { listener, invite } = await rig.call();
    if (what === "503") rig.transport.answer(invite, 503);
    await settled(rig);
    if (what === "silent") await rig.clock.advance(seconds(6));
    await settled(rig);
    expect(rig.transport.sent.findLast(({ message }) => message.kind === "request" && message.method === "INVITE")?.to.address).toBe(
      "198.51.100.8",
    );
    rig.transport.answer(rig.transport.last("INVITE"), 486, {}, { address: "198.51.100.8", port: 5060 });
    await settled(rig);
    expect(listener.ends).toMatchObject([{ cause: "busy" }]);
  }
});

test("a connection that breaks while it rings fails the line, and the trunk is told over another one", async () => {
  const rig = await openSipRig({ transport: "tcp" });
  const { listener, invite } = await rig.call();
  expect(invite.headers.first("contact")).toContain(";transport=tcp");
  rig.transport.answer(invite, 180);
  rig.transport.lost();
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "line-failed" }]);
  expect(rig.transport.last("CANCEL").callId).toBe(invite.callId);
});
