import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { reportsOf } from "./v0-checks.ts";
import { hostInputOf } from "./v0-input.ts";

const isRefusal = (error: unknown): boolean => error instanceof HinobanError;

test("no broken check report does more than refuse itself", () => {
  const now = unixMs(1_795_301_700_000);
  const seeds = [
    '{"reports":[{"source":{"type":"host","hostId":"9rxGOHfVF8F"},"name":"flap","status":"CRITICAL","message":"BAD\\n","occurredAt":1795301631,"notificationInterval":30,"maxCheckAttempts":2}]}',
    '{"reports":[{"source":{"type":"host","hostId":"h"},"name":"日本語","status":"OK","message":null,"occurredAt":1795301631},{"source":null}]}',
  ];
  const { taken } = fuzz(seeds, (body) => reportsOf(body, now), isRefusal);
  expect(taken).toBeGreaterThan(1000);
}, 60_000);

test("no broken description of a host does more than refuse itself", () => {
  const seeds = [
    '{"name":"vm","displayName":"disp","customIdentifier":"x","memo":"","meta":{"agent-version":"0.85.2","cpu":[{"cores":"1"}],"memory":{"total":"24684096kB"},"filesystem":{"/dev/vda":{"kb_size":264212084}}},"interfaces":[{"name":"eth0","macAddress":"02:00:00:00:00:01","ipv4Addresses":["192.0.2.2"],"ipv6Addresses":["fd00::2"]}],"roleFullnames":["My-Service:app"],"checks":[{"name":"okcheck","memo":"memo text"}]}',
    '{"name":"n","meta":{},"interfaces":null,"roleFullnames":null,"checks":null,"customIdentifier":null}',
  ];
  const { taken } = fuzz(seeds, (body) => hostInputOf(body), isRefusal);
  expect(taken).toBeGreaterThan(1000);
}, 60_000);
