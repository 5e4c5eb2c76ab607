import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { hours, minutes } from "#base/duration";
import { openExporterRig, type ExporterRig, type Got } from "#test/exporter-rig";
import { withPeople } from "#test/people";
import { snappy, writeRequest, writeRequest2, type TestSeries } from "#test/protobuf-bodies";
import { changeMapping } from "./change-mapping.ts";
import { defaultMapping, type Mapping } from "#wire/prometheus";

const people = withPeople();
let rig: ExporterRig;

beforeAll(async () => {
  rig = await openExporterRig(people);
});
afterAll(() => rig.close());

const path = "/api/v1/write";
const headers = { "content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0" };
const headers2 = { ...headers, "content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request" };
const now = (): number => people.clock.now();
const write = (series: readonly TestSeries[], more: Readonly<Record<string, string>> = {}): Promise<Got> =>
  rig.post(path, snappy(writeRequest(series)), { ...headers, ...more });
const series = (host: string, name: string, value: number, at = now(), labels: Readonly<Record<string, string>> = {}): TestSeries => ({
  labels: { __name__: name, instance: `${host}:9100`, ...labels },
  samples: [[at, value]],
});
const setMapping = async (more: Partial<Mapping>): Promise<void> => {
  const plans = await rig.prometheus.plansOf(people.first.actor);
  await changeMapping(rig.prometheus, people.first.actor, { ...plans.mapping, ...more });
  rig.prometheus.onChange({ organisationId: people.first.actor.organisationId, topic: "prometheus-mapping" });
};

describe("remote write", () => {
  test("registers a host once, with what its exporter tells about it, and stores its metrics", async () => {
    await people.acts();
    const uname = series("web1", "node_uname_info", 1, now(), {
      sysname: "Linux",
      release: "6.1.0",
      machine: "x86_64",
      version: "#1",
      nodename: "web1",
    });
    const answer = await write([series("web1", "node_load5", 0.5), uname, series("web1", "queue", 3)]);
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect((await write([series("web1", "node_load5", 0.7)])).status).toBe(204);
    const id = await rig.hostId("web1");
    expect((await people.acts()).map((act) => [act.verb, act.object])).toEqual([["host.registered", `host:${id}`]]);
    const { rows } = await people.owner.query<{ meta: string }>("select meta from inventory_host where id = $1", [id]);
    expect(JSON.parse(rows[0]?.meta ?? "")).toMatchObject({ kernel: { name: "Linux", release: "6.1.0", machine: "x86_64" } });
    expect(Object.values(await rig.values(id, "loadavg5"))).toEqual([0.7]);
    expect(Object.values(await rig.values(id, "custom.prometheus.queue"))).toEqual([3]);
  });

  test("takes a host whose name holds characters that no database keeps, and the others beside it", async () => {
    expect((await write([series("web\u0000a", "queue", 1), series("web-b", "queue", 2)])).status).toBe(204);
    expect(Object.values(await rig.values(await rig.hostId("web a"), "custom.prometheus.queue"))).toEqual([1]);
    expect(Object.values(await rig.values(await rig.hostId("web-b"), "custom.prometheus.queue"))).toEqual([2]);
  });

  test("takes what comes late, twice and out of order", async () => {
    const start = now() - 10 * 60_000;
    for (const minute of [2, 0, 1, 1]) await write([series("late", "room", minute, start + minute * 60_000)]);
    expect(Object.values(await rig.values(await rig.hostId("late"), "custom.prometheus.room"))).toEqual([0, 1, 2]);
  });

  test("drops markers of series that ended without a word", async () => {
    const stale = Buffer.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]).readDoubleLE();
    expect((await write([series("web1", "ended", stale), series("web1", "nothing", Number.NaN)])).status).toBe(204);
    expect(await rig.names(await rig.hostId("web1"))).not.toContain("custom.prometheus.ended");
  });

  test("says 400 for what is 25 hours off, so that it never comes again, and stores the rest", async () => {
    const answer = await write([
      series("web1", "old", 1, now() - hours(25)),
      series("web1", "early", 1, now() + hours(25)),
      series("web1", "fresh", 1),
    ]);
    expect(answer.status).toBe(400);
    expect(answer.text).toBe("2 samples are more than a day away from this server's clock. All others were stored.\n");
    expect(await rig.names(await rig.hostId("web1"))).toEqual(expect.arrayContaining(["custom.prometheus.fresh"]));
    expect((await write([{ labels: { instance: "web1:1" }, samples: [[now(), 1]] }])).text).toMatch(/1 samples have no metric name/u);
  });

  test("answers version 2.0 with how much was written", async () => {
    const body = snappy(
      writeRequest2([
        series("web2", "a", 1),
        series("web2", "b", 1, now() - hours(25)),
        { labels: { __name__: "h", instance: "web2:1" }, samples: [], histograms: [[now(), 3, 4]] },
      ]),
    );
    const answer = await rig.post(path, body, headers2);
    expect(answer.status).toBe(400);
    expect(["samples", "histograms", "exemplars"].map((what) => answer.headers.get(`x-prometheus-remote-write-${what}-written`))).toEqual([
      "1",
      "1",
      "0",
    ]);
    const good = await rig.post(
      path,
      snappy(writeRequest2([{ ...series("web2", "c_total", 60), type: 1, createdAt: now() - 60_000 }])),
      headers2,
    );
    expect([good.status, good.headers.get("x-prometheus-remote-write-samples-written")]).toEqual([204, "1"]);
    // A counter that says when it began has a rate at once.
    expect(Object.values(await rig.values(await rig.hostId("web2"), "custom.prometheus.c_total"))).toEqual([1]);
  });

  test.each([
    ["a body that is no Snappy", Buffer.from("hello"), headers, 400],
    ["Snappy of something else", snappy(Buffer.from("hello")), headers, 400],
    ["a body that is cut off", snappy(writeRequest([{ labels: { __name__: "a" }, samples: [[1, 1]] }])).subarray(0, 12), headers, 400],
    ["a bomb", snappy(Buffer.alloc(70_000_000)), headers, 413],
    ["a body of 17 MB", Buffer.alloc(17 * 1024 * 1024), headers, 413],
    ["JSON", "{}", { ...headers, "content-type": "application/json" }, 415],
    [
      "an unknown message",
      snappy(Buffer.alloc(0)),
      { ...headers, "content-type": "application/x-protobuf;proto=io.prometheus.write.v3.Request" },
      415,
    ],
    ["gzip", Buffer.alloc(10), { ...headers, "content-encoding": "gzip" }, 415],
    ["a wrong key", snappy(Buffer.alloc(0)), { ...headers, "x-api-key": "wrong" }, 401],
    ["no key", snappy(Buffer.alloc(0)), { ...headers, "x-api-key": "" }, 401],
  ])("refuses %s, and the sender does not try again", async (_what, body, sent, status) => {
    const answer = await rig.post(path, body, sent);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "text/plain; charset=utf-8"]);
  });

  test("takes the key as bearer token and as password", async () => {
    const body = snappy(Buffer.alloc(0));
    const basic = Buffer.from(`anybody:${rig.key}`).toString("base64");
    for (const authorization of [`Bearer ${rig.key}`, `Basic ${basic}`]) {
      expect((await rig.post(path, body, { ...headers, "x-api-key": "", authorization })).status).toBe(204);
    }
  });

  test("refuses a key that may only read, and says so in the history", async () => {
    const reading = await rig.newKey(people.first, "read");
    await people.acts();
    expect((await write([series("web1", "a", 1)], { "x-api-key": reading })).status).toBe(403);
    expect(await people.acts()).toMatchObject([{ verb: "permission.refused", outcome: "refused" }]);
  });

  test("says 503 while the store is away, and then nothing is lost", async () => {
    const start = Math.floor(now() / 60_000) * 60_000;
    await write([series("app", "c_total", 0, start)]);
    rig.store.breakDisk();
    const batch = [series("app", "c_total", 60, start + 60_000), series("app", "c_total", 180, start + 120_000)];
    expect((await write(batch)).status).toBe(503);
    expect((await write(batch)).status).toBe(503);
    rig.store.freeDisk();
    expect((await write(batch)).status).toBe(204);
    expect(Object.values(await rig.values(await rig.hostId("app"), "custom.prometheus.c_total"))).toEqual([1, 2]);
  });

  test("goes on with counters after a server was killed, from what it wrote down", async () => {
    const killed = await openExporterRig(people, { store: rig.store });
    const start = Math.floor(now() / 60_000) * 60_000;
    const send = (to: ExporterRig, minute: number): Promise<Got> =>
      to.post(path, snappy(writeRequest([series("victim", "c_total", minute * 60, start + minute * 60_000)])), headers);
    await send(killed, 0);
    await send(killed, 1);
    await people.clock.advance(minutes(5)); // counters are written down
    await send(killed, 2);
    await killed.kill();
    const next = await openExporterRig(people, { store: rig.store });
    await send(next, 3);
    // The third minute is measured from what was written down in the first: the average is the same.
    expect(Object.values(await rig.values(await rig.hostId("victim"), "custom.prometheus.c_total"))).toEqual([1, 1, 1]);
    await next.close();
  });
});

describe("the mapping", () => {
  test("limits series of their own making, never the system's, and says what it left out", async () => {
    await setMapping({ settings: { ...defaultMapping, seriesPerHost: 2 } });
    const many = Array.from({ length: 10 }, (_, order) => series("noisy", "order", 1, now(), { id: String(order) }));
    expect((await write([...many, series("noisy", "node_load1", 1)])).status).toBe(204);
    const id = await rig.hostId("noisy");
    expect((await rig.names(id)).filter((name) => name.startsWith("custom."))).toHaveLength(2);
    expect(await rig.names(id)).toContain("loadavg1");
    const answer = await fetch(`${rig.url}/api/v1/orgs/first/prometheus/reception`, { headers: { "x-api-key": rig.key } });
    expect(await answer.json()).toMatchObject({ refused: 8, overLimit: [{ source: id, name: "noisy", kept: 2, refused: 8 }] });
    await setMapping({ settings: defaultMapping });
  });

  test("makes metrics of a service by rule, added up over its hosts", async () => {
    await setMapping({
      rules: [{ metric: "orders", labels: [], action: "service", service: "Shop", as: "auto", keepLabels: [], combine: "sum" }],
    });
    await write([series("s1", "orders", 2), series("s2", "orders", 5)]);
    const { rows } = await people.owner.query<{ id: string }>("select id from inventory_service where name = 'Shop'");
    expect(Object.values(await rig.values(`service:${rows[0]?.id}`, "prometheus.orders"))).toEqual([7]);
    await setMapping({ rules: [] });
  });

  test("registers nobody when it says so", async () => {
    await setMapping({ settings: { ...defaultMapping, registerHosts: false } });
    expect((await write([series("stranger", "a", 1), series("web1", "known", 1)])).status).toBe(204);
    await expect(rig.hostId("stranger")).rejects.toThrow("no host");
    expect(await rig.names(await rig.hostId("web1"))).toContain("custom.prometheus.known");
    await setMapping({ settings: defaultMapping });
  });

  test("is one act to change, and refused to who may not, and to who saw an older one", async () => {
    const mapping = (await rig.prometheus.plansOf(people.first.actor)).mapping;
    await people.acts();
    await changeMapping(rig.prometheus, people.first.actor, mapping);
    expect(await people.acts()).toMatchObject([
      { verb: "prometheus-mapping.changed", detail: { revision: mapping.revision + 1, rules: 0 } },
    ]);
    await expect(changeMapping(rig.prometheus, people.first.actor, mapping)).rejects.toMatchObject({ code: "conflict" });
    const viewer = await people.join(people.first, "viewer");
    await expect(changeMapping(rig.prometheus, viewer.actor, { ...mapping, revision: mapping.revision + 1 })).rejects.toMatchObject({
      code: "forbidden",
    });
    const bad: Mapping["rules"][number] = { metric: "a", labels: [], action: "service", as: "auto", combine: "sum" };
    expect(() => changeMapping(rig.prometheus, people.first.actor, { ...mapping, rules: [bad] })).toThrow(HinobanError);
  });

  test("is another one for another organisation", async () => {
    const theirs = await people.another("theirs");
    const key = await rig.newKey(theirs, "read-write");
    expect((await write([series("web1", "node_load1", 9)], { "x-api-key": key })).status).toBe(204);
    const { rows } = await people.owner.query<{ organisation_id: string }>(
      "select organisation_id from inventory_host where name = 'web1'",
    );
    expect(new Set(rows.map((row) => row.organisation_id)).size).toBe(2);
  });
});
