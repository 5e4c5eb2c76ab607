import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hours } from "#base/duration";
import { openExporterRig, type ExporterRig, type Got } from "#test/exporter-rig";
import { withPeople } from "#test/people";
import { otlpJson, otlpProtobuf, type TestMetric, type TestPoint, type TestResource } from "#test/protobuf-bodies";
import { defaultOtlpMapping } from "#wire/otlp";
import { changeOtlpMapping } from "../../src/server/features/otlp/change-mapping.ts";

const people = withPeople();
let rig: ExporterRig;

beforeAll(async () => {
  rig = await openExporterRig(people);
});
afterAll(() => rig.close());

const path = "/v1/metrics";
const proto = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json" };
const now = (): number => people.clock.now();
const resource = (attributes: TestResource["attributes"], metrics: readonly TestMetric[]): TestResource => ({ attributes, metrics });
const post = (...resources: readonly TestResource[]): Promise<Got> => rig.post(path, otlpProtobuf(resources), proto);
const gauge = (name: string, asDouble: number, more: Partial<TestPoint> = {}): TestMetric => ({
  name,
  kind: "gauge",
  points: [{ at: now(), asDouble, ...more }],
});
const values = async (host: string, name: string): Promise<number[]> => Object.values(await rig.values(await rig.hostId(host), name));
const serviceSource = async (name: string): Promise<string> => {
  const { rows } = await people.owner.query<{ id: string }>("select id from inventory_service where name = $1", [name]);
  return `service:${rows[0]?.id}`;
};
const setMapping = async (more: Partial<typeof defaultOtlpMapping>): Promise<void> => {
  await changeOtlpMapping(rig.otlp, people.first.actor, { ...defaultOtlpMapping, ...more });
  rig.otlp.onChange(undefined);
};

describe("OTLP over HTTP", () => {
  test("lets no odd attribute of one host keep the others' points out", async () => {
    const answer = await post(
      resource({ "host.name": "odd1", "host.ip": "[2001:db8::1]" }, [gauge("q", 1)]),
      resource({ "host.name": "odd\u00002", "host.ip": ["2001:db8::\u0000"], "os.name": "a\u0000b" }, [gauge("q", 2)]),
      resource({ "host.name": "plain1" }, [gauge("q", 3)]),
    );
    expect(answer.status).toBe(200);
    for (const [host, value] of [
      ["odd1", 1],
      ["odd 2", 2],
      ["plain1", 3],
    ] as const)
      expect(await values(host, "custom.otel.q")).toEqual([value]);
  });

  test("takes protobuf, JSON and either compressed, and answers in the encoding of the request", async () => {
    const body = (value: number): readonly TestResource[] => [
      resource({ "host.name": "o1", "os.type": "linux", "host.ip": ["192.0.2.7"] }, [gauge("q", value)]),
    ];
    for (const [value, sent, headers] of [
      [1, otlpProtobuf(body(1)), proto],
      [2, gzipSync(otlpProtobuf(body(2))), { ...proto, "content-encoding": "gzip" }],
      [3, otlpJson(body(3)), json],
      [4, gzipSync(otlpJson(body(4))), { ...json, "content-encoding": "gzip" }],
    ] as const) {
      const answer = await rig.post(path, sent, headers);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, headers["content-type"]]);
      expect(answer.text).toBe(headers["content-type"] === "application/json" ? "{}" : "");
      expect(await values("o1", "custom.otel.q")).toEqual([value]);
    }
    const { rows } = await people.owner.query(
      "select meta::json #>> '{kernel,os}' as os, interfaces::json #>> '{0,ipv4Addresses,0}' as ip from inventory_host where name = 'o1'",
    );
    expect(rows).toEqual([{ os: "linux", ip: "192.0.2.7" }]);
  });

  test("fills everybody's graphs from the collector's host metrics", async () => {
    const start = Math.floor(now() / 60_000) * 60_000;
    const cpu = (at: number, user: number, idle: number): TestMetric => ({
      name: "system.cpu.time",
      kind: "sum",
      temporality: 2,
      isMonotonic: true,
      points: ["cpu0", "cpu1"].flatMap((core) => [
        { attributes: { cpu: core, state: "user" }, at, asDouble: user },
        { attributes: { cpu: core, state: "idle" }, at, asDouble: idle },
      ]),
    });
    const states = (name: string, of: Readonly<Record<string, number>>, more: TestPoint["attributes"] = {}): TestMetric => ({
      name,
      kind: "sum",
      temporality: 2,
      isMonotonic: false,
      points: Object.entries(of).map(([state, asInt]) => ({ attributes: { state, ...more }, at: start, asInt })),
    });
    const io = (at: number, bytes: number): TestMetric => ({
      name: "system.network.io",
      kind: "sum",
      temporality: 2,
      isMonotonic: true,
      points: ["eth0", "lo"].map((device) => ({ attributes: { device, direction: "receive" }, at, asInt: bytes })),
    });
    await post(resource({ "host.name": "o2" }, [cpu(start, 0, 0), io(start, 0)]));
    await post(
      resource({ "host.name": "o2" }, [
        cpu(start + 60_000, 15, 45),
        io(start + 60_000, 6000),
        gauge("system.cpu.load_average.1m", 0.5),
        states("system.memory.usage", { used: 30, free: 40, cached: 20, buffered: 10, slab_reclaimable: 5 }),
        states("system.paging.usage", { used: 3, free: 7 }, { device: "/dev/sda2" }),
        states(
          "system.filesystem.usage",
          { used: 60, free: 30, reserved: 10 },
          { device: "/dev/sda1", mountpoint: "/", type: "ext4", mode: "rw" },
        ),
        {
          name: "system.disk.operations",
          kind: "sum",
          temporality: 1,
          isMonotonic: true,
          points: [{ attributes: { device: "sda", direction: "read" }, startedAt: start, at: start + 60_000, asInt: 120 }],
        },
      ]),
    );
    for (const [name, expected] of Object.entries({
      "cpu.user.percentage": [50],
      "cpu.idle.percentage": [150],
      "interface.eth0.rxBytes.delta": [100],
      loadavg1: [0.5],
      "memory.used": [30],
      "memory.total": [100],
      "memory.mem_available": [70],
      "memory.swap_total": [10],
      "memory.swap_free": [7],
      "filesystem.sda1.used": [60],
      "filesystem.sda1.size": [90],
      "disk.sda.reads.delta": [2],
    })) {
      expect(await values("o2", name), name).toEqual(expected);
    }
    expect(await rig.names(await rig.hostId("o2"))).not.toContain("interface.lo.rxBytes.delta");
  });

  test("keeps histograms of all kinds as what a minute looked like", async () => {
    const start = Math.floor(now() / 60_000) * 60_000;
    const point = (more: Partial<TestPoint>): readonly TestPoint[] => [
      { attributes: { route: "/a" }, startedAt: start, at: start + 60_000, ...more },
    ];
    await post(
      resource({ "host.name": "o3" }, [
        {
          name: "http.duration",
          kind: "histogram",
          temporality: 1,
          points: point({ count: 120, sum: 1800, min: 10, max: 20, bounds: [10, 20], counts: [0, 120, 0] }),
        },
        {
          name: "size",
          kind: "exponentialHistogram",
          temporality: 2,
          points: point({ count: 60, sum: 720, scale: 0, offset: 3, counts: [60] }),
        },
        {
          name: "gc",
          kind: "summary",
          points: point({
            count: 60,
            sum: 6,
            quantiles: [
              [0, 1],
              [0.5, 2],
              [0.999, 3],
              [1, 4],
            ],
          }),
        },
      ]),
    );
    const all = async (name: string): Promise<Record<string, number>> => {
      const id = await rig.hostId("o3");
      const names = (await rig.names(id)).filter((one) => one.startsWith(`custom.otel.${name}._a.`));
      return Object.fromEntries(
        await Promise.all(names.map(async (one) => [one.split(".").at(-1), Object.values(await rig.values(id, one))[0]] as const)),
      );
    };
    expect(await all("http_duration")).toEqual({ count: 2, sum: 30, avg: 15, min: 10, max: 20, p50: 15, p95: 19.5, p99: 19.9 });
    expect(await all("size")).toMatchObject({ count: 1, sum: 12, avg: 12 });
    expect((await all("size"))["p50"]).toBeCloseTo(8 * Math.SQRT2);
    expect(await all("gc")).toEqual({ count: 1, sum: 0.1, min: 1, p50: 2, p99_9: 3, max: 4 });
  });

  test("adds up the processes of a service that do not say where they run", async () => {
    const start = Math.floor(now() / 60_000) * 60_000;
    const worker = (id: string, total: number, at: number): TestResource =>
      resource({ "service.namespace": "Shop", "service.name": "checkout", "service.instance.id": id }, [
        { name: "orders", kind: "sum", temporality: 2, isMonotonic: true, points: [{ startedAt: start, at, asInt: total }] },
        { name: "heap", kind: "gauge", points: [{ at, asDouble: total }] },
      ]);
    await post(worker("a", 60, start + 60_000), worker("b", 120, start + 60_000));
    const source = await serviceSource("Shop");
    expect(Object.values(await rig.values(source, "otel.checkout.orders"))).toEqual([3]);
    expect(Object.values(await rig.values(source, "otel.checkout.heap"))).toEqual([90]);
  });

  test("puts the services' metrics where the mapping says, and hosts into their roles", async () => {
    const attributes = { "service.name": "api", "host.name": "o4", "service.instance.id": "x" };
    await setMapping({ services: "always" });
    await post(resource(attributes, [gauge("heap", 5), gauge("system.cpu.load_average.5m", 1)]));
    expect(Object.values(await rig.values(await serviceSource("api"), "otel.heap"))).toEqual([5]);
    expect(await rig.names(await rig.hostId("o4"))).toEqual(["loadavg5"]);
    await setMapping({ services: "never", joinsRoles: true });
    await post(resource({ "service.name": "api", "service.instance.id": "api-7" }, [gauge("heap", 6)]));
    expect(await values("api-7", "custom.otel.heap")).toEqual([6]);
    const { rows } = await people.owner.query(
      "select r.name from inventory_membership m join inventory_role r on r.id = m.role_id join inventory_host h on h.id = m.host_id where h.name = 'api-7'",
    );
    expect(rows).toEqual([{ name: "api" }]);
    await setMapping({});
  });

  test("takes the good points and tells how many others it did not keep, and why", async () => {
    const metrics: TestMetric[] = [
      gauge("fine", 1),
      gauge("old", 1, { at: now() - hours(25) }),
      gauge("timeless", 1, { at: 0 }),
      { name: "balance", kind: "sum", temporality: 1, points: [{ at: now(), asDouble: 1 }] },
      gauge("nothing", Number.NaN),
    ];
    const body = otlpJson([resource({ "host.name": "o5" }, metrics), resource({}, [gauge("whose", 1)])]);
    const answer = await rig.post(path, body, json);
    expect(answer.status).toBe(200);
    const { partialSuccess } = JSON.parse(answer.text) as { partialSuccess: { rejectedDataPoints: string; errorMessage: string } };
    expect(partialSuccess.rejectedDataPoints).toBe("4");
    for (const reason of [/carry no time/u, /cumulative temporality/u, /nobody knows whose/u, /more than a day away/u]) {
      expect(partialSuccess.errorMessage).toMatch(reason);
    }
    expect(await rig.names(await rig.hostId("o5"))).toEqual(["custom.otel.fine"]);
    const proto1 = await post(resource({}, [gauge("whose", 1)]));
    expect(proto1.bytes.subarray(0, 1)).toEqual(Buffer.from([0x0a]));
    expect(proto1.text).toMatch(/nobody knows whose/u);
  });

  test("limits the series of a host and says so", async () => {
    await setMapping({ seriesPerHost: 3 });
    const points = Array.from({ length: 8 }, (_, order) => ({ attributes: { order }, at: now(), asDouble: 1 }));
    const answer = await rig.post(path, otlpJson([resource({ "host.name": "o6" }, [{ name: "orders", kind: "gauge", points }])]), json);
    expect(JSON.parse(answer.text)).toMatchObject({ partialSuccess: { rejectedDataPoints: "5" } });
    const reception = await fetch(`${rig.url}/api/v1/orgs/first/otlp/reception`, { headers: { "x-api-key": rig.key } });
    expect(await reception.json()).toMatchObject({ overLimit: [{ name: "o6", kept: 3, refused: 5 }] });
    await setMapping({});
  });

  test.each([
    ["garbage", Buffer.from("hello"), proto, 400, 3],
    ["JSON that is none", "{", json, 400, 3],
    ["half of a body", otlpProtobuf([{ attributes: { a: "b" }, metrics: [] }]).subarray(0, 7), proto, 400, 3],
    ["gzip that is cut off", gzipSync("{}").subarray(0, 15), { ...json, "content-encoding": "gzip" }, 400, 3],
    ["a bomb", gzipSync(Buffer.alloc(50_000_000)), { ...proto, "content-encoding": "gzip" }, 413, 8],
    ["17 MB", Buffer.alloc(17 * 1024 * 1024), proto, 413, 8],
    ["another content type", "a", { "content-type": "text/plain" }, 415, 3],
    ["another compression", "a", { ...proto, "content-encoding": "zstd" }, 415, 3],
    ["a wrong key", "{}", { ...json, "x-api-key": "wrong" }, 401, 16],
    ["no key", Buffer.alloc(0), { ...proto, "x-api-key": "" }, 401, 16],
  ])("refuses %s with a google.rpc.Status", async (_what, body, headers, status, code) => {
    const answer = await rig.post(path, body, headers);
    expect(answer.status).toBe(status);
    const isProto = headers["content-type"] === proto["content-type"];
    expect(answer.headers.get("content-type")).toBe(isProto ? proto["content-type"] : json["content-type"]);
    if (isProto) expect([...answer.bytes.subarray(0, 3)]).toEqual([0x08, code, 0x12]);
    else expect(JSON.parse(answer.text)).toMatchObject({ code, message: expect.stringMatching(/./u) });
  });

  test("asks to try again later while the store is away, and then nothing is lost or counted twice", async () => {
    const start = Math.floor(now() / 60_000) * 60_000;
    const body = (minute: number, total: number): TestResource =>
      resource({ "host.name": "o7" }, [
        { name: "c", kind: "sum", temporality: 2, isMonotonic: true, points: [{ at: start + minute * 60_000, asInt: total }] },
        {
          name: "h",
          kind: "histogram",
          temporality: 1,
          points: [{ startedAt: start + (minute - 1) * 60_000, at: start + minute * 60_000, count: 60, bounds: [10], counts: [60, 0] }],
        },
      ]);
    await post(body(1, 0));
    rig.store.breakDisk();
    const refused = await post(body(2, 60));
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    rig.store.freeDisk();
    expect((await post(body(2, 60))).status).toBe(200);
    expect((await post(body(2, 60))).status).toBe(200);
    expect(await values("o7", "custom.otel.c")).toEqual([1]);
    expect(await values("o7", "custom.otel.h.count")).toEqual([1, 1]);
    expect(await values("o7", "custom.otel.h.p50")).toEqual([5, 5]);
  });

  test("is one act to change its mapping, refused to a viewer, and no act when nothing changes", async () => {
    await people.acts();
    await changeOtlpMapping(rig.otlp, people.first.actor, { ...defaultOtlpMapping, seriesPerHost: 5 });
    await changeOtlpMapping(rig.otlp, people.first.actor, { ...defaultOtlpMapping, seriesPerHost: 5 });
    expect(await people.acts()).toMatchObject([{ verb: "otlp-mapping.changed", detail: { fields: ["seriesPerHost"] } }]);
    const viewer = await people.join(people.first, "viewer");
    await expect(changeOtlpMapping(rig.otlp, viewer.actor, defaultOtlpMapping)).rejects.toMatchObject({ code: "forbidden" });
  });
});
