import { expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { openSipRig, settled, talking, theirContact as contact, theirSdp as sdp } from "#test/sip-rig";
import type { SipRequest } from "./message.ts";

const fromPhone = (invite: SipRequest, method: string, cseq: number, more = "", body = "", tag = "them"): string =>
  `${method} sip:us@192.0.2.1 SIP/2.0
Via: SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK${method}${cseq}${Math.random()};rport
From: <sip:0901@trunk.test>;tag=${tag}
To: <sip:us@trunk.test>;tag=${invite.from.params.get("tag")}
Call-ID: ${invite.callId}
CSeq: ${cseq} ${method}
${more}Content-Length: ${body.length}

${body}`;

test.each([
  ["INVITE, UPDATE", "UPDATE"],
  ["INVITE", "INVITE"],
] as const)(
  "a session that is ours to refresh is refreshed where %s are understood, and ends when the other side has forgotten it",
  async (allow, method) => {
    const rig = await openSipRig();
    const { invite, listener } = await rig.call();
    rig.transport.answer(invite, 200, { ...sdp, headers: [contact, ["Allow", allow], ["Session-Expires", "100;refresher=uac"]] });
    await settled(rig);
    rig.transport.fresh();
    await rig.clock.advance(seconds(50));
    await settled(rig);
    expect(rig.transport.freshNames().filter((name) => !name.startsWith("OPTIONS"))).toEqual([`${method} 2`]);
    rig.transport.answer(rig.transport.last(method), 200);
    await settled(rig);
    expect(rig.transport.freshNames()).toEqual(method === "INVITE" ? ["ACK 2"] : []);
    await rig.clock.advance(seconds(50));
    rig.transport.answer(rig.transport.last(method), 481);
    await settled(rig);
    expect(listener.ends).toMatchObject([{ cause: "hung-up" }]);
  },
);

test("a call has an end, whatever is said", async () => {
  const rig = await openSipRig();
  const { listener } = await talking(rig);
  await rig.clock.advance(seconds(120));
  expect(listener.ends).toMatchObject([{ cause: "finished", talked: 120_000 }]);
  expect(rig.transport.last("BYE").method).toBe("BYE");
});

test("requests within a call are served: hold, refresh, keys, ping, hang-up", async () => {
  const rig = await openSipRig();
  const { listener, invite, media } = await talking(rig);
  const ask = async (text: string): Promise<string> => {
    rig.transport.fresh();
    rig.transport.deliver(text);
    await settled(rig);
    return rig.transport.freshNames().join();
  };
  expect(await ask(fromPhone(invite, "INFO", 5, "Content-Type: application/dtmf-relay\n", "Signal=1\r\nDuration=160"))).toBe("200 INFO 5");
  expect(await ask(fromPhone(invite, "INFO", 6, "c: application/dtmf\n", "11"))).toBe("200 INFO 6");
  expect(media.keys).toEqual(["1", "#"]);
  expect(await ask(fromPhone(invite, "OPTIONS", 7))).toBe("200 OPTIONS 7");
  expect(await ask(fromPhone(invite, "UPDATE", 8, "Session-Expires: 90;refresher=uac\n"))).toBe("200 UPDATE 8");
  expect(rig.transport.lastResponse().headers.first("session-expires")).toBe("90;refresher=uac");
  expect(await ask(fromPhone(invite, "REFER", 9))).toBe("405 REFER 9");
  expect(await ask(fromPhone(invite, "INFO", 9))).toBe("500 INFO 9"); // a number that was used
  expect(await ask(fromPhone(invite, "INVITE", 10, "Contact: <sip:moved@198.51.100.9>\n", "v=0 hold"))).toBe("200 INVITE 10");
  expect(media.accepted.at(-1)).toBe("v=0 hold");
  await rig.clock.advance(millis(500));
  expect(rig.transport.freshNames()).toEqual(["200 INVITE 10"]);
  rig.transport.deliver(fromPhone(invite, "ACK", 10));
  await rig.clock.advance(seconds(5));
  expect(rig.transport.freshNames()).toEqual([]);
  expect(await ask(fromPhone(invite, "INVITE", 11))).toBe("200 INVITE 11");
  rig.transport.deliver(fromPhone(invite, "ACK", 11, "", "v=0 late answer"));
  await settled(rig);
  expect(media.accepted.at(-1)).toBe("v=0 late answer");
  expect(await ask(fromPhone(invite, "BYE", 12))).toBe("200 BYE 12");
  expect(listener.ends).toMatchObject([{ cause: "hung-up", sipCode: 200 }]);
  expect(await ask(fromPhone(invite, "BYE", 13))).toBe("481 BYE 13");
});

test("a fault that one message brings to light is counted, and the call goes on", async () => {
  const rig = await openSipRig();
  const { listener, invite, media } = await talking(rig);
  media.key = () => {
    throw new Error("a fault");
  };
  rig.transport.deliver(fromPhone(invite, "INFO", 5, "Content-Type: application/dtmf\n", "1"));
  await settled(rig);
  expect([rig.line.counters?.faults, listener.ends]).toEqual([1, []]);
});

test("whoever throws ends the call, and the process goes on", async () => {
  const rig = await openSipRig();
  const { listener, media } = await talking(rig);
  listener.next = () => {
    throw new Error("no such step");
  };
  media.done({ kind: "keys", digits: "9" });
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "finished", problem: "no such step" }]);
});

const elsewhere = { address: "203.0.113.66", port: 5060 } as const;

test("answers and requests from elsewhere do not touch a call, unless they know its secrets", async () => {
  const rig = await openSipRig();
  const { invite, listener } = await rig.call();
  rig.transport.answer(invite, 486, {}, elsewhere);
  rig.transport.answer(invite, 200, { ...sdp, headers: [contact] }, elsewhere);
  await settled(rig);
  expect([listener.ends, listener.events, rig.line.counters?.unasked]).toEqual([[], [], 2]);
  rig.transport.answer(invite, 200, { ...sdp, headers: [contact] });
  await settled(rig);
  rig.transport.fresh();
  const strange = fromPhone(invite, "BYE", 5).replace(`;tag=${invite.from.params.get("tag")}`, ";tag=guessed");
  rig.transport.deliver(strange, elsewhere);
  rig.transport.deliver(strange);
  expect(rig.transport.freshNames()).toEqual(["481 BYE 5"]);
  expect([listener.ends, rig.line.counters?.strangers]).toEqual([[], 1]);
  // A phone behind a proxy that left the way hangs up by itself.
  rig.transport.deliver(fromPhone(invite, "BYE", 6), { address: "198.51.100.9", port: 5080 });
  await settled(rig);
  expect(listener.ends).toMatchObject([{ cause: "hung-up" }]);
});
