import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { packetOf } from "#test/zabbix-client";
import { encodePacket, headerBytes, mostPacketBytes, readBody, readHeader } from "./packet.ts";

const read = async (packet: Buffer): Promise<string> => readBody(readHeader(packet), packet.subarray(headerBytes));
const codeOf = async (packet: Buffer): Promise<string> =>
  read(packet).then(
    () => "read",
    (error: unknown) => (error instanceof HinobanError ? error.code : "another error"),
  );

describe("a packet", () => {
  test("gives its text, plain or compressed, also where compression made it longer", async () => {
    for (const text of ["{}", `{"request":"active checks"}`, "日本語", "x".repeat(200_000)]) {
      expect(await read(packetOf(text))).toBe(text);
      expect(await read(packetOf(text, { flags: 3 }))).toBe(text);
    }
    expect(await read(encodePacket({ response: "success" }))).toBe(`{"response":"success"}`);
  });

  test("is refused when it is none, too large, of unknown flags, or of another length than announced", async () => {
    const text = `{"request":"active checks","host":"h"}`;
    const body = deflateSync(text);
    expect(await codeOf(packetOf(text, { magic: "ZBXX" }))).toBe("bad-request");
    for (const flags of [0, 2, 4, 5, 7, 9, 0x81, 0xff]) expect(await codeOf(packetOf(text, { flags }))).toBe("bad-request");
    expect(await codeOf(packetOf(text, { length: mostPacketBytes + 1 }))).toBe("too-large");
    expect(await codeOf(packetOf(text, { flags: 3, reserved: mostPacketBytes + 1 }))).toBe("too-large");
    expect(await codeOf(packetOf(text, { flags: 3, reserved: 0xffff_ffff }))).toBe("too-large");
    for (const reserved of [0, text.length - 1, text.length + 1, 1_000_000])
      expect(await codeOf(packetOf(text, { flags: 3, reserved }))).toBe("bad-request");
    expect(await codeOf(packetOf(text, { flags: 3, length: body.length - 1 }))).toBe("bad-request");
    expect(await codeOf(packetOf(text).subarray(0, 30))).toBe("bad-request");
    expect(await codeOf(packetOf(text).subarray(0, 12))).toBe("bad-request");
  });

  test("that holds a bomb makes no more bytes than it announced", async () => {
    const bomb = deflateSync(Buffer.alloc(512 * 1024 * 1024), { level: 9 });
    expect(bomb.length).toBeLessThan(1_000_000);
    const header = Buffer.alloc(headerBytes);
    header.write("ZBXD\u0003", "latin1");
    header.writeUInt32LE(bomb.length, 5);
    const before = process.memoryUsage();
    for (const announced of [100, 65_536, mostPacketBytes]) {
      header.writeUInt32LE(announced, 9);
      expect(await codeOf(Buffer.concat([header, bomb]))).toBe("bad-request");
    }
    const { rss } = process.memoryUsage();
    expect(rss - before.rss).toBeLessThan(200 * 1024 * 1024);
  });
});
