import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { Secret } from "#base/secret";
import { millis, unixSeconds } from "#base/duration";
import { FakeServer } from "#test/agent/fake-server";
import { FakeClock } from "#test/fake-clock";
import { until } from "#test/until";
import { ApiClient } from "./api.ts";
import { openHttpClient } from "./http.ts";
import { createLog } from "./log.ts";
import { OtherHosts } from "./other-hosts.ts";
import { ServiceDeliverer } from "./service-deliverer.ts";
import { Spool } from "./spool.ts";

let server: FakeServer;
let api: ApiClient;
let folder = "";
const lines: string[] = [];
const clock = new FakeClock();
const log = createLog((line) => void lines.push(line), clock);

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
  folder = mkdtempSync(join(tmpdir(), "agent-services-"));
  api = new ApiClient(await openHttpClient(new URL(server.url), new SystemClock(), undefined), new Secret(server.key));
  lines.length = 0;
});
afterEach(async () => {
  api.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const point = (service: string, minute: number, value: number) => ({
  name: "access.2xx",
  time: unixSeconds(1_800_000_000 + minute * 60),
  value,
  service,
});

test("values of services wait on disk until the server has them, each service in a post of its own", async () => {
  const end = new AbortController();
  const first = new ServiceDeliverer({ spool: await Spool.open(folder, log), api, clock, log, random: () => 0.5 });
  await first.append([point("shop", 0, 1), point("blog", 0, 2)]);
  await first.append([]);
  server.fault = () => 503;
  const second = new ServiceDeliverer({ spool: await Spool.open(folder, log), api, clock, log, random: () => 0.5 }); // after a restart
  await second.append([point("shop", 1, 3)]);
  const running = second.run(end.signal);
  await until("it asked", 5000, () => server.requests.length > 0 && clock.timers.includes("agent.services-pause"));
  server.fault = () => undefined;
  await clock.advance(millis(120_000));
  await until("all arrived", 5000, () => server.servicePoints.size === 2 && clock.timers.includes("agent.services-pause"));
  expect(server.servicePoints.get("shop")?.map(({ value }) => value)).toEqual([1, 3]);
  expect(server.servicePoints.get("blog")?.map(({ value }) => value)).toEqual([2]);
  server.fault = ({ path }) => (path.includes("/shop/") ? 404 : undefined);
  await second.append([point("shop", 2, 4), point("blog", 2, 5)]);
  await clock.advance(millis(60_000));
  await until("the other service arrived", 5000, () => server.servicePoints.get("blog")?.length === 2);
  expect(lines.join("")).toContain("The service shop does not take its metrics (404");
  end.abort();
  await clock.advance(millis(60_000));
  await running;
  expect((await Spool.open(folder, log)).size).toBe(0);
});

test("a host that an integration may make is made once, and others are looked for again later", async () => {
  const hosts = new OtherHosts(api, clock, log);
  expect(await hosts.resolve("rds-1")).toEqual({ id: undefined });
  expect(await hosts.resolve("rds-1")).toEqual({ id: undefined });
  expect(server.of("GET", /hosts$/u)).toHaveLength(1);
  hosts.allow("rds-1", { name: "db", roles: ["shop:db"], memo: "m" });
  const made = await hosts.resolve("rds-1");
  expect(server.hosts.get("id" in made ? (made.id ?? "") : "")).toMatchObject({
    name: "db",
    customIdentifier: "rds-1",
    roleFullnames: ["shop:db"],
    memo: "m",
  });
  hosts.allow("rds-1", { name: "db" });
  expect(await hosts.resolve("rds-1")).toEqual(made);
  expect(server.of("POST", /hosts$/u)).toHaveLength(1);
  await clock.advance(millis(660_000));
  server.fault = () => 500;
  expect(await hosts.resolve("rds-1")).toEqual(made); // it was known: an outage does not make it unknown
  expect(await hosts.resolve("rds-2")).toMatchObject({ outcome: { kind: "away" } });
});
