import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis } from "#base/duration";
import { until } from "#test/until";
import { StreamTransport } from "./stream.ts";
import type { Peer, Transport } from "./transport.ts";
import { UdpTransport } from "./udp.ts";

const clock = new SystemClock();
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const bye = Buffer.from("BYE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n");

function listener() {
  const heard: { readonly text: string; readonly from: Peer }[] = [];
  const lost: string[] = [];
  return {
    heard,
    lost: (_peer: Peer, problem: string) => void lost.push(problem),
    problems: lost,
    message: (bytes: Buffer, from: Peer) => void heard.push({ text: bytes.toString(), from }),
  };
}

function closes<T extends Transport>(transport: T): T {
  closing.push(() => transport.close());
  return transport;
}

async function server(onSocket: (socket: Socket) => void): Promise<number> {
  const made = createServer(onSocket).listen(0, "127.0.0.1");
  await once(made, "listening");
  closing.push(() => made.close());
  return (made.address() as AddressInfo).port; // it listens on a port
}

test("UDP carries messages both ways, and knows where nobody listens", async () => {
  const [one, other] = [listener(), listener()];
  const a = closes(await UdpTransport.open({ clock, family: 4 }, one));
  const b = closes(await UdpTransport.open({ clock, family: 4, host: "127.0.0.1" }, other));
  const hop = { address: "127.0.0.1", port: b.port };
  await a.send(bye, hop);
  await until("it came", 3000, () => other.heard.length === 1);
  expect(other.heard[0]).toMatchObject({ text: bye.toString(), from: { address: "127.0.0.1", port: a.port } });
  expect(await a.localFor(hop)).toEqual({ host: "127.0.0.1", port: a.port });
  expect(await a.isRefused(hop)).toBe(false);
  await b.close();
  await b.close();
  expect(await a.isRefused(hop)).toBe(true);
  await expect(UdpTransport.open({ clock, family: 4, port: a.port }, one)).rejects.toMatchObject({ code: "unavailable" });
});

test("TCP cuts what comes, answers keep-alives, uses one connection, and tells when it is lost", async () => {
  const sockets: Socket[] = [];
  let heard = "";
  const port = await server((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  });
  const ears = listener();
  const transport = closes(await StreamTransport.open({ clock, kind: "tcp", accepts: () => true }, ears));
  const hop = { address: "127.0.0.1", port };
  await Promise.all([transport.send(bye, hop), transport.send(bye, hop)]);
  const local = await transport.localFor(hop);
  await until("both came", 3000, () => heard === bye.toString() + bye.toString());
  expect([sockets.length, local]).toEqual([1, { host: "127.0.0.1", port: sockets[0]?.remotePort }]);
  heard = "";
  sockets[0]?.write(`${bye.toString()}\r\n\r\n${bye.toString().slice(0, 20)}`);
  await until("it was heard and the ping answered", 3000, () => ears.heard.length === 1 && heard === "\r\n");
  sockets[0]?.write(bye.toString().slice(20));
  await until("the rest was heard", 3000, () => ears.heard.length === 2);
  sockets[0]?.destroy();
  await until("it is lost", 3000, () => ears.problems.length === 1);
  await transport.send(bye, hop);
  await until("another connection is there", 3000, () => sockets.length === 2);
  sockets[1]?.write("GET / HTTP/1.1\r\nContent-Length: nonsense\r\n\r\n");
  await until("it is dropped", 3000, () => ears.problems.length === 2);
  expect(ears.problems[1]).toBe("what came was no SIP");
});

test("a connection that has gone dumb is let go, told once, and replaced", async () => {
  const sockets: Socket[] = [];
  const port = await server((socket) => void sockets.push(socket.pause()));
  const ears = listener();
  const transport = closes(await StreamTransport.open({ clock, kind: "tcp", accepts: () => true }, ears));
  const hop = { address: "127.0.0.1", port };
  expect(transport.isQuiet(hop, clock.mono())).toBe(false);
  const before = clock.mono();
  await transport.send(bye, hop);
  expect([transport.isQuiet(hop, before), transport.isQuiet(hop, millis(clock.mono() + 1))]).toEqual([false, true]);
  transport.reset(hop, "nothing came");
  expect(ears.problems).toEqual(["nothing came"]);
  await transport.send(bye, hop);
  await until("another connection is there", 3000, () => sockets.length === 2);
  for (const socket of sockets) socket.resume();
  await until("the old one is gone", 3000, () => sockets[0]?.destroyed === true);
  expect([ears.problems.length, transport.isQuiet(hop, before)]).toEqual([1, false]);
  transport.reset({ address: "127.0.0.1", port: 1 }, "nobody");
});

test("what is being opened when all is closed is not left open", async () => {
  const port = await server((socket) => void socket.pause());
  const transport = await StreamTransport.open({ clock, kind: "tls", accepts: () => true }, listener());
  const opening = transport.localFor({ address: "127.0.0.1", port });
  await transport.close();
  await expect(opening).rejects.toMatchObject({ message: expect.stringContaining("the line is closed") });
});

test("TCP is listened on where a port is given, for the trunk alone", async () => {
  const probe = createSocket("udp4");
  probe.bind(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const ears = listener();
  let isTrusted = false;
  const transport = closes(await StreamTransport.open({ clock, kind: "tcp", host: "127.0.0.1", port, accepts: () => isTrusted }, ears));
  const stranger = connect(port, "127.0.0.1");
  stranger.on("error", () => undefined);
  await once(stranger, "close");
  isTrusted = true;
  const friend = connect(port, "127.0.0.1");
  closing.push(() => friend.destroy());
  friend.write(bye);
  await until("it was heard", 3000, () => ears.heard.length === 1);
  // The answer goes back over the same connection.
  await transport.send(bye, ears.heard[0]?.from ?? { address: "", port: 0 });
  const [answer] = (await once(friend, "data")) as [Buffer]; // a stream of bytes
  expect(answer.toString()).toBe(bye.toString());
  expect(await transport.localFor(ears.heard[0]?.from ?? { address: "", port: 0 })).toEqual({ host: "127.0.0.1", port });
});

test("what cannot be reached says so", async () => {
  const port = await server((socket) => socket.destroy());
  const plain = closes(await StreamTransport.open({ clock, kind: "tcp", accepts: () => true }, listener()));
  await expect(plain.send(bye, { address: "127.0.0.1", port: 1 })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("over TCP"),
  });
  const sealed = closes(await StreamTransport.open({ clock, kind: "tls", accepts: () => true }, listener()));
  await expect(sealed.localFor({ address: "127.0.0.1", port, name: "trunk.test" })).rejects.toMatchObject({ code: "unavailable" });
  await plain.close();
  await expect(plain.send(bye, { address: "127.0.0.1", port })).rejects.toMatchObject({
    message: expect.stringContaining("the line is closed"),
  });
});
