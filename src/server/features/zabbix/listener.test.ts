import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { withPeople } from "#test/people";
import { until } from "#test/until";
import { ask, exchange, open, packetOf } from "#test/zabbix-client";
import { withZabbixRigs, type RigOptions, type ZabbixRig } from "#test/zabbix-rig";
import { changeSettings } from "./change-settings.ts";
import { mostPacketBytes } from "./packet.ts";

const people = withPeople();
const openRig = withZabbixRigs(people);
const start = (options: Partial<RigOptions> = {}): Promise<ZabbixRig> => openRig({ clock: people.clock, ...options });
const checks = { request: "active checks", host: "listened" };

describe("the port for Zabbix agents", () => {
  test("answers packets plain and compressed, in one piece or byte by byte, and closes", async () => {
    const rig = await start();
    for (const flags of [1, 3]) {
      const { answer, bytes } = await exchange(rig.port, packetOf(checks, { flags }));
      expect(answer).toMatchObject({ response: "success" });
      expect(bytes.subarray(0, 5)).toEqual(Buffer.from("ZBXD\u0001"));
      expect(bytes.readUInt32LE(5)).toBe(bytes.length - 13);
    }
    const { socket, closed } = await open(rig.port);
    let answer = "";
    socket.on("data", (chunk: Buffer) => void (answer += chunk.toString("utf8")));
    for (const byte of packetOf(checks)) socket.write(Buffer.from([byte]));
    await closed;
    expect(answer).toContain(`"response":"success"`);
    await until("every connection is gone", 5000, () => rig.zabbix.connections === 0);
  });

  test("refuses garbage, other protocols, wrong flags and lengths, large packets and more than one packet", async () => {
    const rig = await start();
    const packet = packetOf(checks);
    const refused: readonly Buffer[] = [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(100),
      Buffer.from(`{"request":"active checks","host":"h"}`),
      Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]),
      packetOf(checks, { flags: 5 }),
      packetOf(checks, { length: mostPacketBytes + 1 }),
      packetOf(checks, { flags: 3, reserved: 0xffff_ffff }),
      packetOf(checks, { flags: 3, reserved: 100_000 }),
      Buffer.concat([packet, packet]),
      packetOf("{"),
      packetOf({ request: "proxy config" }),
    ];
    for (const bytes of refused) {
      const { answer } = await exchange(rig.port, bytes);
      expect(answer?.response ?? "failed").toBe("failed");
    }
    expect(await ask(rig.port, checks)).toMatchObject({ response: "success" });
    expect(rig.zabbix.refusals.of(people.first.actor.organisationId, true).map(({ reason }) => reason)).toContain("bad-packet");
  });

  test("gives nobody more than ten seconds for a header nor thirty for a body, and forgets what it read", async () => {
    const rig = await start();
    const silent = await open(rig.port);
    const half = await open(rig.port);
    half.socket.write(packetOf(checks).subarray(0, 7));
    const slow = await open(rig.port);
    slow.socket.write(packetOf(checks, { length: 1_000_000 }).subarray(0, 40));
    await until("all three are there", 5000, () => rig.zabbix.connections === 3 && rig.zabbix.bytes === 47);
    await people.clock.advance(seconds(11));
    await Promise.all([silent.closed, half.closed]);
    await until("only the body is waited for", 5000, () => rig.zabbix.connections === 1);
    await people.clock.advance(seconds(20));
    await slow.closed;
    await until("nothing is kept", 5000, () => rig.zabbix.connections === 0 && rig.zabbix.bytes === 0);
  });

  test("takes no more connections and bytes than it may, and recovers", async () => {
    const rig = await start({ limits: { connections: 5, perAddress: 4, bytes: 1000 } });
    const held = await Promise.all(Array.from({ length: 4 }, () => open(rig.port)));
    await until("four are there", 5000, () => rig.zabbix.connections === 4);
    const fifth = await open(rig.port);
    await fifth.closed;
    expect(rig.zabbix.connections).toBe(4);
    held[0]?.socket.write(packetOf(checks, { length: 5000 }).subarray(0, 13));
    held[0]?.socket.write(Buffer.alloc(2000));
    await held[0]?.closed;
    for (const { socket } of held) socket.destroy();
    await until("all are gone", 5000, () => rig.zabbix.connections === 0 && rig.zabbix.bytes === 0);
    expect(await ask(rig.port, checks)).toMatchObject({ response: "success" });
  });

  test("tells a client from no organisation's network so, in words that its log shows", async () => {
    const rig = await start();
    const { actor } = people.first;
    await changeSettings(rig.zabbix, actor, { networks: ["192.0.2.0/24"], autoregister: true });
    expect(await ask(rig.port, checks)).toEqual({ response: "failed", info: "127.0.0.1 may not report without encryption" });
    expect(rig.zabbix.refusals.of(actor.organisationId, true)[0]).toMatchObject({ reason: "network", address: "127.0.0.1" });
    await changeSettings(rig.zabbix, actor, { networks: ["127.0.0.0/8"], autoregister: true });
    expect(await ask(rig.port, checks)).toMatchObject({ response: "success" });
  });

  test("that another program has is said loudly, tried again, and no reason not to start", async () => {
    const first = await start();
    const second = await start({ port: first.port });
    expect(second.zabbix.port).toBe(0);
    expect(second.zabbix.problem).toContain("EADDRINUSE");
    expect(second.logged.join()).toContain("CANNOT REPORT");
    await first.close();
    await people.clock.advance(seconds(31));
    await until("it listens", 5000, () => second.zabbix.port === first.port);
    expect(second.zabbix.problem).toBeUndefined();
    expect(await ask(first.port, checks)).toMatchObject({ response: "success" });
  });

  test("is not stopped by 500 clients that knock and leave, or stay, at once", async () => {
    const rig = await start();
    const knocks = Array.from(
      { length: 500 },
      (_, n) =>
        new Promise<void>((resolve) => {
          const socket = connect({ host: "127.0.0.1", port: rig.port });
          socket.on("error", () => undefined);
          socket.once("close", () => resolve());
          socket.once("connect", () => {
            if (n % 4 === 0) socket.destroy();
            else if (n % 4 === 1) socket.write("ZBXD\u0001", () => socket.destroy());
            else if (n % 4 === 2) socket.end(packetOf(checks));
            else socket.end("\u0016\u0003\u0001");
            socket.resume();
          });
        }),
    );
    await Promise.all(knocks);
    await until("all are gone", 10_000, () => rig.zabbix.connections === 0 && rig.zabbix.bytes === 0);
    expect(await ask(rig.port, checks)).toMatchObject({ response: "success" });
  });
});
