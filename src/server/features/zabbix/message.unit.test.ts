import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { mostValues, readMessage } from "./message.ts";

const message = (value: unknown): ReturnType<typeof readMessage> => readMessage(JSON.stringify(value));
const session = "0123456789abcdef0123456789abcdef";

describe("a request", () => {
  test("for active checks is read from agents of 6.0 and 7.0 and from agent 2", () => {
    expect(message({ request: "active checks", host: "h", host_metadata: "linux" })).toEqual({
      kind: "active checks",
      host: "h",
      metadata: "linux",
      ip: undefined,
      revision: undefined,
      version: undefined,
      variant: undefined,
    });
    expect(message({ request: "active checks", host: "h", version: "6.0", ip: "192.0.2.1", port: 11_061 })).toMatchObject({
      version: "6.0",
      ip: "192.0.2.1",
    });
    expect(message({ request: "active checks", host: "h", config_revision: 0, session, version: "7.0.9", variant: 1 })).toMatchObject({
      revision: 0,
      version: "7.0.9",
      variant: 1,
    });
  });

  test("with values is read whether they name their host and item themselves or not", () => {
    const c60 = { host: "h", key: "k", value: "0.7", id: 1, clock: 1_795_302_134, ns: 757_316_021 };
    expect(message({ request: "agent data", session, data: [c60], clock: 1_795_302_139, ns: 792_077_512 })).toMatchObject({
      kind: "agent data",
      session,
      sentAt: 1_795_302_139_792,
      malformed: 0,
      values: [{ host: "h", item: "k", text: "0.7", id: 1, at: 1_795_302_134_757, isUnsupported: false }],
    });
    const c70 = { itemid: 101, value: "1", id: 1, clock: 1_795_302_134, ns: 0 };
    expect(message({ request: "agent data", session, version: "7.0.9", variant: 1, host: "h", data: [c70] })).toMatchObject({
      values: [{ host: "h", item: 101 }],
      sentAt: undefined,
    });
    const agent2 = { id: 1, itemid: 104, state: 1, value: "Unknown metric no.such.key", clock: 1_795_302_134, ns: 5 };
    expect(message({ request: "agent data", data: [agent2], session, host: "h", version: "6.0" })).toMatchObject({
      values: [{ isUnsupported: true, text: "Unknown metric no.such.key" }],
    });
    expect(message({ request: "sender data", data: [{ host: "h", key: "k", value: "1" }] })).toMatchObject({
      kind: "sender data",
      values: [{ at: undefined, id: undefined }],
    });
    const log = { itemid: 5, id: 3, lastlogsize: 10, mtime: 0, clock: 1, ns: 1 };
    expect(message({ request: "agent data", host: "h", session, data: [log] })).toMatchObject({ values: [{ text: undefined }] });
  });

  test("keeps what makes sense of its values and counts the rest", () => {
    const data = [{ key: "k", value: "1" }, 5, null, [], { key: "k" }, { value: "1" }, { key: "", value: "1" }, { key: "k", value: {} }];
    expect(message({ request: "sender data", data, host: "h" })).toMatchObject({
      malformed: 6,
      values: [{ text: "1" }, { text: undefined }],
    });
    expect(message({ request: "sender data", data: [{ host: "h", key: "k", value: 1.5 }] })).toMatchObject({ values: [{ text: "1.5" }] });
    expect(message({ request: "sender data", data: [{ host: "a\u0000b\n\ud800", key: "k", value: "1" }] })).toMatchObject({
      values: [{ host: "a b \ufffd" }],
    });
  });

  test("for a heartbeat tells when the next one comes", () => {
    expect(message({ request: "active check heartbeat", host: "h", heartbeat_freq: 60, version: "7.0.9", variant: 1 })).toMatchObject({
      kind: "heartbeat",
      every: 60_000,
    });
  });

  test("of another kind, or without what it needs, is refused in words", () => {
    for (const wrong of [
      null,
      [],
      "x",
      {},
      { request: 5 },
      { request: "proxy config" },
      { request: "proxy data", data: [] },
      { request: "active checks" },
      { request: "active checks", host: "x".repeat(256) },
      { request: "agent data" },
      { request: "sender data", data: {} },
    ])
      expect(() => message(wrong), JSON.stringify(wrong)).toThrow(HinobanError);
    expect(() => readMessage("{")).toThrow("not JSON");
    expect(() => message({ request: "sender data", data: Array.from({ length: mostValues + 1 }, () => 0) })).toThrow(
      "may have 100000 values",
    );
  });

  test("of 30,000 strange shapes is refused as such or read into what has its bounds", () => {
    const word = fc.constantFrom("active checks", "agent data", "sender data", "active check heartbeat", "other");
    const strange = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.integer(),
      fc.double(),
      fc.constantFrom(null, true, {}, [], -1, 2 ** 60, "1", "\u0000"),
    );
    const value = fc.record(
      { host: strange, key: strange, itemid: strange, value: strange, clock: strange, ns: strange, id: strange, state: strange },
      { requiredKeys: [] },
    );
    const request = fc.record(
      {
        request: fc.oneof({ weight: 9, arbitrary: word }, strange),
        host: strange,
        data: fc.oneof({ weight: 5, arbitrary: fc.array(fc.oneof({ weight: 9, arbitrary: value }, strange), { maxLength: 3 }) }, strange),
        session: strange,
        version: strange,
        variant: strange,
        clock: strange,
        config_revision: strange,
        heartbeat_freq: strange,
        host_metadata: strange,
      },
      { requiredKeys: ["request"] },
    );
    const text = fc.oneof(
      { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
      { weight: 9, arbitrary: request.map((one) => JSON.stringify(one)) },
    );
    let read = 0;
    fc.assert(
      fc.property(text, (one) => {
        try {
          const { kind, ...rest } = readMessage(one);
          read += 1;
          if ("values" in rest) for (const { at } of rest.values) expect(at ?? 0).toBeLessThan(2 ** 43);
          expect(["active checks", "heartbeat", "agent data", "sender data"]).toContain(kind);
        } catch (error) {
          if (!(error instanceof HinobanError)) throw error;
        }
      }),
      { numRuns: 30_000 },
    );
    expect(read).toBeGreaterThan(1000);
  });
});
