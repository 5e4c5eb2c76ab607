import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, unixMs, type Millis } from "#base/duration";
import { FakeAws } from "#test/agent/fake-aws";
import { FixtureReader } from "#test/agent/fixture-reader";
import { neverAborted, optionsOf, sectionOf } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import type { Collected, Integration, OtherHost, TimedValue } from "../../src/agent/integrations/integration.ts";
import { makeCloudwatch } from "../../src/agent/integrations/cloudwatch/index.ts";
import { networkSend } from "../../src/agent/integrations/cloudwatch/transport.ts";

const region = "ap-northeast-1";
const account = "111111111111";
const place = `${account} ${region}`;
const keyId = "AKIAFAKE000000000001";
const secret = "wJalr/K7MDENG+bPxRfi=";

const database = (id: string): object => ({
  DBInstanceIdentifier: id,
  Engine: "postgres",
  EngineVersion: "16.4",
  DBInstanceClass: "db.t4g.medium",
  DBInstanceStatus: "available",
  Endpoint: { Address: `${id}.abc.${region}.rds.amazonaws.com`, Port: 5432 },
});

let clock: FakeClock;
let aws: FakeAws;
let endpoint: string;
let reader: FixtureReader;

beforeEach(async () => {
  clock = new FakeClock(unixMs(Date.UTC(2026, 10, 22, 5, 0, 30)));
  aws = new FakeAws(clock);
  endpoint = await aws.start();
  aws.keys.set(keyId, { secret, account });
  reader = new FixtureReader();
  reader.files.set("/etc/aws.key", `${secret}\n`);
});
afterEach(() => aws.stop());

const make = (values: Readonly<Record<string, unknown>> = {}, name = "cloudwatch.shop"): Integration => {
  const options = { regions: region, access_key_id: keyId, secret_access_key_file: "/etc/aws.key", endpoint, ...values };
  return makeCloudwatch(optionsOf(options, name), { clock, reader }, sectionOf(name, options), {
    send: networkSend(clock),
    random: () => 0.5,
  });
};

/** A round whose pauses between tries cost no time of the test. */
async function round(integration: Integration): Promise<Collected> {
  let result: Collected | undefined;
  let failure: unknown;
  const running = integration.collect(neverAborted()).then(
    (found) => (result = found),
    (error: unknown) => (failure = error),
  );
  while (result === undefined && failure === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    if (clock.timers.includes("cloudwatch.retry")) await clock.advance(hours(0.0001));
  }
  await running;
  if (failure !== undefined) throw failure;
  return result ?? {};
}

/** Values of the last `count` minutes before now. */
const last = (count: number, value: (at: number) => number): Map<number, number> => {
  const now = Math.floor(clock.now() / 60_000) * 60;
  return new Map(Array.from({ length: count }, (_, index) => now - (index + 1) * 60).map((at) => [at, value(at)]));
};

const cpuOf = (id: string, where = place): string => `${where} AWS/RDS CPUUtilization Average/60 DBInstanceIdentifier=${id}`;
const pointsOf = (host: OtherHost | undefined, name: string): readonly TimedValue[] =>
  (host?.points ?? []).filter((point) => point.name === name);

describe("databases", () => {
  test("each is a host of its own with the facts that RDS tells, over all pages of both lists", async () => {
    aws.databases.set(place, ["orders", "stock", "users"].map(database) as never);
    for (const id of ["orders", "stock", "users"])
      aws.values.set(
        cpuOf(id),
        last(5, () => 12.5),
      );
    const { hosts, checks } = await round(make({ kinds: "rds", roles: ["shop:db"] }));
    expect(hosts?.map(({ customIdentifier }) => customIdentifier)).toEqual([
      "orders.rds.ap-northeast-1",
      "stock.rds.ap-northeast-1",
      "users.rds.ap-northeast-1",
    ]);
    expect(hosts?.[0]?.register).toMatchObject({
      name: "orders",
      roles: ["shop:db"],
      meta: { cloud: { provider: "rds", metadata: { region, engine: "postgres", class: "db.t4g.medium", status: "available" } } },
    });
    expect(pointsOf(hosts?.[0], "custom.rds.CPUUtilization.CPUUtilization").map(({ value }) => value)).toEqual([
      12.5, 12.5, 12.5, 12.5, 12.5,
    ]);
    expect(checks).toEqual([{ name: "cloudwatch.shop ap-northeast-1", status: "OK", message: "3 watched, 15 new values" }]);
    expect(aws.calls.filter(({ action }) => action === "DescribeDBInstances")).toHaveLength(2);
    expect(aws.calls.filter(({ action }) => action === "GetMetricData").length).toBeGreaterThan(20); // 51 queries, 2 in a page
  });

  test("values that CloudWatch completes late are sent with the minute that they belong to, and those that stay are sent once", async () => {
    aws.databases.set(place, [database("orders")] as never);
    aws.pageSize = 100;
    const integration = make({ kinds: ["rds"] });
    const stored = last(5, () => 10);
    const newest = Math.max(...stored.keys());
    aws.values.set(cpuOf("orders"), stored);
    expect((await round(integration)).hosts?.[0]?.points).toHaveLength(5);
    await clock.advance(minutes(1));
    expect((await round(integration)).hosts).toEqual([]); // not due
    await clock.advance(minutes(4));
    stored.set(newest, 11); // corrected afterwards
    stored.set(newest + 60, 20);
    expect((await round(integration)).hosts?.[0]?.points).toEqual([
      { name: "custom.rds.CPUUtilization.CPUUtilization", time: newest, value: 11 },
      { name: "custom.rds.CPUUtilization.CPUUtilization", time: newest + 60, value: 20 },
    ]);
    await clock.advance(minutes(5));
    expect((await round(integration)).hosts).toEqual([]);
  });

  test("after five hours in which AWS was away every minute is made up for, an hour in each round", async () => {
    aws.databases.set(place, [database("orders")] as never);
    aws.pageSize = 100;
    const integration = make({ kinds: ["rds"], history_minutes: 10 });
    aws.values.set(
      cpuOf("orders"),
      last(10, () => 1),
    );
    expect((await round(integration)).hosts?.[0]?.points).toHaveLength(10);
    aws.broken = 100;
    await clock.advance(minutes(5));
    expect((await round(integration)).checks?.[0]).toMatchObject({
      status: "WARNING",
      message: expect.stringContaining("InternalFailure"),
    });
    aws.broken = 0;
    await clock.advance(minutes(295));
    const stored = last(310, (at) => at / 60);
    aws.values.set(cpuOf("orders"), stored);
    const times: number[] = [];
    const perRound: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      const points = pointsOf((await round(integration)).hosts?.[0], "custom.rds.CPUUtilization.CPUUtilization");
      times.push(...points.map(({ time }) => time));
      perRound.push(points.length);
      await clock.advance(minutes(1)); // the next round comes at once while it is behind
    }
    expect(Math.max(...perRound)).toBe(70);
    expect(times).toEqual([...stored.keys()].sort((a, b) => a - b).slice(-times.length));
    expect(times).toHaveLength(310);
  });

  test("filters choose by name, and what is beyond the limit is told", async () => {
    aws.databases.set(place, ["orders", "orders-test", "stock"].map(database) as never);
    aws.pageSize = 100;
    for (const id of ["orders", "orders-test", "stock"])
      aws.values.set(
        cpuOf(id),
        last(2, () => 1),
      );
    const chosen = await round(make({ kinds: ["rds"], include: ["^orders"], exclude: ["-test$"] }));
    expect(chosen.hosts?.map(({ customIdentifier }) => customIdentifier)).toEqual(["orders.rds.ap-northeast-1"]);
    const capped = await round(make({ kinds: ["rds"], most_resources: 1 }));
    expect(capped.checks?.[0]).toMatchObject({
      status: "WARNING",
      message: expect.stringContaining("2 more were left out: raise most_resources"),
    });
  });

  test("as metrics of a service the databases are the lines of a graph", async () => {
    aws.databases.set(place, ["orders", "stock"].map(database) as never);
    aws.pageSize = 100;
    for (const [index, id] of ["orders", "stock"].entries())
      aws.values.set(
        cpuOf(id),
        last(3, (at) => index + at / 1e9),
      );
    const { hosts, serviceMetrics } = await round(make({ kinds: ["rds"], service: "Shop" }));
    expect(hosts).toEqual([]);
    const newest = (Math.floor(clock.now() / 60_000) * 60 - 60) / 1e9;
    expect(serviceMetrics).toEqual({ Shop: { "rds.CPUUtilization.orders": newest, "rds.CPUUtilization.stock": 1 + newest } });
  });
});

describe("load balancers", () => {
  const arn = (kind: string): string => `arn:aws:elasticloadbalancing:${region}:${account}:${kind}`;

  test("application ones are asked with their target groups; network ones are left alone; counts that are not told are zero", async () => {
    aws.pageSize = 100;
    aws.balancers.set(place, [
      {
        LoadBalancerName: "front",
        LoadBalancerArn: arn("loadbalancer/app/front/50dc6c495c0c9188"),
        Type: "application",
        State: { Code: "active" },
      },
      { LoadBalancerName: "tcp", LoadBalancerArn: arn("loadbalancer/net/tcp/1"), Type: "network", State: { Code: "active" } },
    ]);
    aws.targetGroups.set(place, [
      {
        TargetGroupName: "web-80",
        TargetGroupArn: arn("targetgroup/web-80/73e2d6bc24d8a067"),
        LoadBalancerArns: [arn("loadbalancer/app/front/50dc6c495c0c9188")],
      },
    ]);
    const own = "LoadBalancer=app/front/50dc6c495c0c9188";
    aws.values.set(
      `${place} AWS/ApplicationELB RequestCount Sum/60 ${own}`,
      last(20, () => 600),
    );
    aws.values.set(
      `${place} AWS/ApplicationELB TargetResponseTime p95/60 ${own}`,
      last(1, () => 0.0432),
    );
    aws.values.set(
      `${place} AWS/ApplicationELB HealthyHostCount Minimum/60 ${own},TargetGroup=targetgroup/web-80/73e2d6bc24d8a067`,
      last(1, () => 3),
    );
    const { hosts } = await round(make({ kinds: ["alb"] }));
    expect(hosts?.map(({ customIdentifier }) => customIdentifier)).toEqual(["front.alb.ap-northeast-1"]);
    const [front] = hosts ?? [];
    expect(pointsOf(front, "custom.alb.latency.TargetResponseTime_p95").map(({ value }) => value)).toEqual([0.0432]);
    expect(pointsOf(front, "custom.alb.targets.web-80.healthy").map(({ value }) => value)).toEqual([3]);
    // 30 minutes of history; the newest ten may still come.
    expect(pointsOf(front, "custom.alb.requests.RequestCount").map(({ value }) => value)).toEqual([
      ...Array.from({ length: 10 }, () => 0),
      ...Array.from({ length: 20 }, () => 600),
    ]);
    expect(pointsOf(front, "custom.alb.http_elb.HTTPCode_ELB_5XX_Count")).toHaveLength(20);
    expect(pointsOf(front, "custom.alb.latency.TargetResponseTime")).toEqual([]); // no requests have no latency
  });

  test("classic ones keep the names of Mackerel's plugin", async () => {
    aws.pageSize = 100;
    aws.classicBalancers.set(place, [{ LoadBalancerName: "old", DNSName: "old.elb.amazonaws.com", Scheme: "internet-facing" }]);
    aws.values.set(
      `${place} AWS/ELB Latency Average/60 LoadBalancerName=old`,
      last(1, () => 0.25),
    );
    const { hosts } = await round(make({ kinds: ["elb"] }));
    expect(hosts?.[0]?.customIdentifier).toBe("old.elb.ap-northeast-1");
    expect(pointsOf(hosts?.[0], "custom.elb.latency.Latency").map(({ value }) => value)).toEqual([0.25]);
  });
});

describe("accounts", () => {
  const roleArn = "arn:aws:iam::222222222222:role/monitoring";

  test("a role of another account is assumed through STS, kept, and renewed before it ends", async () => {
    aws.pageSize = 100;
    aws.roles.set(roleArn, { account: "222222222222", externalId: "shared words" });
    aws.databases.set(`222222222222 ${region}`, [database("orders")] as never);
    aws.values.set(
      cpuOf("orders", `222222222222 ${region}`),
      last(3, () => 7),
    );
    const integration = make({ kinds: ["rds"], role_arn: roleArn, external_id: "shared words", identifier_suffix: "beta" });
    expect((await round(integration)).hosts?.map(({ customIdentifier }) => customIdentifier)).toEqual(["orders.rds.ap-northeast-1.beta"]);
    const assumed = (): number => aws.calls.filter(({ action }) => action === "AssumeRole").length;
    expect(assumed()).toBe(1);
    for (let at = 0; at < 13; at += 1) {
      await clock.advance(minutes(5));
      expect((await round(integration)).checks?.[0]?.status).toBe("OK");
    }
    expect(assumed()).toBe(2);
    expect(aws.refusals).toEqual([]);
  });

  test("a token that ends early is replaced within the same round", async () => {
    aws.pageSize = 100;
    aws.roles.set(roleArn, { account: "222222222222" });
    const integration = make({ kinds: ["rds"], role_arn: roleArn });
    await round(integration);
    for (const [id, key] of aws.keys) if (key.token !== undefined) aws.keys.set(id, { ...key, until: clock.now() });
    await clock.advance(minutes(15));
    expect((await round(integration)).checks?.[0]?.status).toBe("OK");
    expect(aws.refusals).toEqual(["ExpiredToken"]);
  });

  test("a wrong external id says which role is refused", async () => {
    aws.roles.set(roleArn, { account: "222222222222", externalId: "shared words" });
    const { checks } = await round(make({ role_arn: roleArn, external_id: "guess" }));
    expect(checks?.[0]).toMatchObject({ status: "CRITICAL", message: expect.stringContaining("lacks sts:AssumeRole") });
  });

  test("several accounts and regions are independent: one that fails does not hide the others", async () => {
    aws.pageSize = 100;
    aws.keys.set("AKIAFAKE000000000002", { secret: "other", account: "333333333333" });
    aws.databases.set("333333333333 us-east-1", [database("orders")] as never);
    aws.values.set(
      cpuOf("orders", "333333333333 us-east-1"),
      last(1, () => 7),
    );
    reader.files.set("/root/.aws/credentials", "[prod]\naws_access_key_id = AKIAFAKE000000000002\naws_secret_access_key = other\n");
    const options = {
      access_key_id: undefined,
      secret_access_key_file: undefined,
      credentials_file: "/root/.aws/credentials",
      profile: "prod",
    };
    const { hosts, checks } = await round(make({ ...options, regions: ["eu-west-1", "us-east-1"] }, "cloudwatch.prod"));
    expect(hosts?.map(({ customIdentifier }) => customIdentifier)).toEqual(["orders.rds.us-east-1"]);
    expect(checks).toMatchObject([
      { name: "cloudwatch.prod eu-west-1", status: "CRITICAL", message: expect.stringContaining("valid region") },
      { name: "cloudwatch.prod us-east-1", status: "OK" },
    ]);
  });
});

describe("refusals", () => {
  const outcome = async (values: Readonly<Record<string, unknown>> = {}): Promise<{ status: string; message: string } | undefined> =>
    (await round(make({ kinds: ["rds"], ...values }))).checks?.[0];

  test("a wrong secret gives a signature that the fake computes differently", async () => {
    reader.files.set("/etc/aws.key", "another secret");
    expect(await outcome()).toMatchObject({
      status: "CRITICAL",
      message: expect.stringMatching(/does not accept the access key \(SignatureDoesNotMatch: The request signature we calculated/u),
    });
    expect(aws.calls).toEqual([]);
  });

  test("an unknown key, a missing permission and a missing key file say what to do", async () => {
    expect(await outcome({ access_key_id: "AKIAFAKE000000000009" })).toMatchObject({
      message: expect.stringContaining("does not accept the access key (InvalidClientTokenId"),
    });
    aws.keys.set(keyId, { secret, account, denied: ["DescribeDBInstances"] });
    expect(await outcome()).toMatchObject({
      status: "CRITICAL",
      message: expect.stringContaining("lacks rds:DescribeDBInstances (AccessDenied"),
    });
    expect(await outcome({ secret_access_key_file: "/missing" })).toMatchObject({
      status: "CRITICAL",
      message: "/missing with the AWS key cannot be read by this user.",
    });
  });

  test.each([
    [minutes(6), "expired"],
    [-minutes(6) as Millis, "not yet current"],
  ])("a clock that is %d ms off is named as the reason", async (skew, word) => {
    aws.skew = skew;
    expect(await outcome()).toMatchObject({
      status: "CRITICAL",
      message: expect.stringMatching(new RegExp(`time of this machine's clock: set it .*${word}`, "u")),
    });
  });

  test("throttling is waited out with growing pauses, and given up after five tries", async () => {
    aws.databases.set(place, [database("orders")] as never);
    aws.throttle = 4;
    expect((await outcome())?.status).toBe("OK");
    expect(aws.refusals).toEqual(["Throttling", "Throttling", "Throttling", "Throttling"]);
    aws.throttle = 5;
    expect(await outcome()).toMatchObject({ status: "WARNING", message: expect.stringContaining("takes no more calls") });
  });

  test("something else at the address, a broken answer and nobody there are told apart", async () => {
    const other = async (status: number, text: string): Promise<string> => {
      const options = { regions: region, access_key_id: keyId, secret_access_key_file: "/etc/aws.key", endpoint, kinds: ["rds"] };
      const send = async (): Promise<{ status: number; text: string }> => ({ status, text });
      const integration = makeCloudwatch(optionsOf(options, "cloudwatch"), { clock, reader }, sectionOf("cloudwatch", options), {
        send,
        random: () => 0,
      });
      return (await round(integration)).checks?.[0]?.message ?? "";
    };
    expect(await other(200, "<html></html>")).toContain("is that AWS?");
    expect(await other(200, "<DescribeDBInstancesResponse>")).toContain("not XML");
    expect(await other(407, "<h1>proxy")).toContain("HTTP 407");
    await aws.stop();
    expect((await outcome())?.message).toMatch(/Cannot reach 127\.0\.0\.1/u);
    aws = new FakeAws(clock);
    await aws.start();
  });
});
