import { createSocket } from "node:dgram";
import { expect, it } from "vitest";
import { millis } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { closeAfter, withMediaRigs } from "#test/phones/media-rig";
import { freeUdpPorts } from "#test/phones/ports";
import { until } from "#test/until";
import { parseRtp } from "./packet.ts";
import { RtpPool } from "./pool.ts";

withMediaRigs();

it("gives each call an even port of its own, and says when there is none left", async () => {
  const clock = new FakeClock();
  const portFrom = await freeUdpPorts(6);
  const pool = new RtpPool({ host: "127.0.0.1", portFrom: portFrom + 1, portTo: portFrom + 5, clock });
  closeAfter(() => pool.close());
  const [a, b] = [await pool.open(), await pool.open()];
  expect([a.port, b.port].toSorted((x, y) => x - y)).toEqual([portFrom + 2, portFrom + 4]);
  await expect(pool.open()).rejects.toThrow(/no free port for sound on 127\.0\.0\.1/u);
  a.close();
  expect((await pool.open()).port).toBe(a.port);
  const elsewhere = new RtpPool({ host: "192.0.2.77", portFrom, portTo: portFrom + 5, clock });
  await expect(elsewhere.open()).rejects.toThrow(/192\.0\.2\.77/u);
});

it("speaks IPv6 with trunks that do, from the same ports, and needs an address to tell where it has many", async () => {
  const clock = new FakeClock();
  const portFrom = await freeUdpPorts(6);
  const pool = new RtpPool({ host: "0.0.0.0", portFrom, portTo: portFrom + 5, clock });
  closeAfter(() => pool.close());
  await expect(pool.open()).rejects.toThrow(/needs an address/u);
  expect((await pool.open({ advertise: "127.0.0.1" })).offer()).toContain("c=IN IP4 127.0.0.1\r\n");
  const session = await pool.open({ advertise: "::1", isSymmetric: false });
  expect(session.offer()).toContain("c=IN IP6 ::1\r\n");
  const phone = createSocket("udp6");
  closeAfter(() => phone.close());
  await new Promise<void>((resolve) => void phone.bind(0, "::1", resolve));
  let heard = 0;
  phone.on("message", (bytes) => void (heard += parseRtp(bytes) ? 1 : 0));
  expect(session.accept(`v=0\r\nc=IN IP6 0:0:0:0:0:0:0:1\r\nm=audio ${phone.address().port} RTP/AVP 0\r\n`)).toBeUndefined();
  await clock.advance(millis(100));
  await until("silence arrives", 2000, () => heard >= 5);
});
