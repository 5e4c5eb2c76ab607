import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withCli, type CliEnd } from "#test/cli";
import { FakeClock } from "#test/fake-clock";
import { withRig, type Answer, type Rig } from "#test/inventory-rig";
import { until } from "#test/until";
import { seconds } from "#base/duration";

const source = withRig();
const target = withRig();
const addressOf = (rig: Rig): string => `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`; // it listens on a port
let key = "";
const cli = withCli(() => ({ HINOBAN_APIBASE: addressOf(target), HINOBAN_APIKEY: key }));

const at = (rig: Rig, method: string, path: string, body?: object, withKey?: string): Promise<Answer> =>
  rig.ask(method, `/api/v0/${path}`, { ...(body === undefined ? {} : { body }), ...(withKey === undefined ? {} : { key: withKey }) });

const take = (...more: string[]): Promise<CliEnd> =>
  cli.call(["import", "mackerel", "--from", addressOf(source), "--from-apikey-file", "source.key", ...more], {
    clock: source.people.clock,
  });
const counts = async (...more: string[]): Promise<Record<string, Record<string, number>>> =>
  (await take("--format", "json", ...more)).json.counts;

const hosts: string[] = [];
const meta = { kernel: { os: "GNU/Linux" }, memory: { total: "1kB" } };
const interfaces = [{ name: "eth0", macAddress: "02:00:00:00:00:01", ipv4Addresses: ["192.0.2.2"], ipv6Addresses: ["fd00::2"] }];

beforeAll(async () => {
  key = await target.newKey(target.people.first, "administer");
  writeFileSync(join(cli.folder, "source.key"), `${source.key}\n`);
  await at(source, "POST", "services", { name: "Shop", memo: "sells" });
  await at(source, "POST", "services/Shop/roles", { name: "db", memo: "stores" });
  await at(source, "POST", "services/Shop/roles", { name: "web", memo: "" });
  await at(source, "POST", "services", { name: "Empty", memo: "" });
  for (const [index, status] of ["working", "standby", "maintenance", "poweroff"].entries()) {
    const body = {
      name: `host${index}`,
      meta,
      interfaces,
      roleFullnames: ["Shop:db"],
      memo: `memo ${index}`,
      displayName: `Host ${index}`,
    };
    const { id } = (await at(source, "POST", "hosts", index === 0 ? { ...body, customIdentifier: "i-0" } : body)).json;
    hosts.push(id);
    await at(source, "POST", `hosts/${id}/status`, { status });
  }
  const retired = (await at(source, "POST", "hosts", { name: "gone", meta: {} })).json.id;
  await at(source, "POST", `hosts/${retired}/retire`, {});
  await source.ask("PUT", `/api/v0/hosts/${hosts[0]}/metadata/deploy?`, { body: '{ "revision": 12345678901234567890 }' });
  await source.ask("PUT", "/api/v0/services/Shop/metadata/team?", { body: '"ops"' });
  await source.ask("PUT", "/api/v0/services/Shop/roles/db/metadata/tier?", { body: "[1]" });
  const layout = { x: 0, y: 0, width: 8, height: 6 };
  await at(source, "POST", "dashboards", {
    title: "Board",
    memo: "m",
    urlPath: "shop/board",
    widgets: [
      { type: "graph", title: "", layout, graph: { type: "host", hostId: hosts[0], name: "loadavg" } },
      {
        type: "graph",
        title: "",
        layout: { ...layout, x: 8 },
        graph: { type: "expression", expression: `host(${hosts[1]}, loadavg5)` },
        range: null,
      },
    ],
  });
  await at(source, "POST", "graph-annotations", {
    title: "Release",
    description: "d",
    from: source.now(),
    to: source.now() + 60,
    service: "Shop",
    roles: ["db"],
  });
  await at(
    source,
    "POST",
    "tsdb",
    [0, 60, 120].map((age) => ({ hostId: hosts[0], name: "loadavg5", time: source.now() - age, value: age })),
  );
});

describe("taking over an organisation", () => {
  test("is shown first and does nothing with --dry-run", async () => {
    const { code, out } = await take("--dry-run");
    expect(code).toBe(0);
    expect(out).toContain("Nothing was done");
    expect(out).toContain("+ service Shop\n");
    expect(out).toContain(`+ host host1 (${hosts[1]})\n`);
    expect(out).toContain("+ dashboard Board (shop/board)\n");
    expect((await at(target, "GET", "hosts")).json.hosts).toEqual([]);
    expect((await at(target, "GET", "services")).json.services).toEqual([]);
  });

  test("brings services, roles, hosts with their ids, metadata, dashboards and annotations", async () => {
    const { code, out, err } = await take();
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/hosts +4/u);
    expect(out).toContain("graph definitions");
    expect(out).toContain(`apibase = "${addressOf(target)}"`);
    const ask = async (rig: Rig, path: string): Promise<unknown> => (await at(rig, "GET", path)).json;
    for (const path of ["services", "services/Shop/roles", ...hosts.map((id) => `hosts/${id}`)])
      expect(await ask(target, path), path).toEqual(await ask(source, path));
    const document = async (rig: Rig): Promise<string> => (await rig.ask("GET", `/api/v0/hosts/${hosts[0]}/metadata/deploy?`)).text;
    expect(await document(target)).toBe('{ "revision": 12345678901234567890 }');
    expect((await target.ask("GET", "/api/v0/services/Shop/roles/db/metadata/tier?")).text).toBe("[1]");
    const [theirs] = (await at(source, "GET", "dashboards")).json.dashboards;
    const [ours] = (await at(target, "GET", "dashboards")).json.dashboards;
    expect(ours).toEqual({ ...theirs, id: ours.id, createdAt: ours.createdAt, updatedAt: ours.updatedAt });
    const notes = (await at(target, "GET", `graph-annotations?service=Shop&from=0&to=${target.now() + 1000}`)).json.graphAnnotations;
    expect(notes).toMatchObject([{ title: "Release", description: "d", roles: ["db"] }]);
  });

  test("a second time changes nothing, in the history either", async () => {
    await target.people.acts();
    const again = await counts();
    for (const kind of ["service", "role", "host", "metadata", "dashboard", "annotation"]) {
      const { unchanged, ...others } = again[kind] ?? {};
      expect(unchanged, kind).toBeGreaterThan(0);
      expect(
        Object.values(others).every((count) => count === 0),
        kind,
      ).toBe(true);
    }
    expect(await target.people.acts()).toEqual([]);
  });

  test("lets an agent go on that changes nothing but its apibase", async () => {
    const [id = ""] = hosts;
    expect((await at(target, "GET", `hosts/${id}`)).json.host).toMatchObject({ id, isRetired: false });
    expect((await at(target, "PUT", `hosts/${id}`, { name: "host0", meta: { kernel: { os: "newer" } } })).json).toEqual({ id });
    await at(target, "POST", "tsdb", [{ hostId: id, name: "cpu.user.percentage", time: target.now(), value: 1 }]);
    expect(target.store.pointsOf(id, "cpu.user.percentage")).toHaveLength(1);
    expect((await counts())["host"]).toMatchObject({ unchanged: 4, kept: 0, changed: 0 }); // what agents say is theirs
  });

  test("keeps what was changed here, and tells; --overwrite takes the source's", async () => {
    const [first = "", second = ""] = hosts;
    await at(target, "PUT", `hosts/${first}`, { memo: "written here" });
    await at(target, "POST", `hosts/${second}/status`, { status: "working" });
    await at(target, "PUT", `hosts/${second}/role-fullnames`, { roleFullnames: ["Shop:web"] });
    await target.ask("PUT", "/api/v0/services/Shop/metadata/team?", { body: '"us"' });
    const { out } = await take();
    expect(out).toContain("--overwrite");
    expect(out).toContain(`host host0 (${first}): memo\n`);
    expect(out).toContain(`host host1 (${second}): status, roles\n`);
    expect((await at(target, "GET", `hosts/${first}`)).json.host.memo).toBe("written here");
    expect(await counts("--overwrite")).toMatchObject({ host: { changed: 2, unchanged: 2 }, metadata: { changed: 1 } });
    expect((await at(target, "GET", `hosts/${first}`)).json.host.memo).toBe("memo 0");
    expect((await at(target, "GET", `hosts/${second}`)).json.host).toMatchObject({ status: "standby", roles: { Shop: ["db"] } });
    expect(await counts("--overwrite")).toMatchObject({ host: { changed: 0, unchanged: 4 }, metadata: { changed: 0 } });
  });

  test("takes the last day of metrics when asked, and no more than the server would take", async () => {
    const only = ["--only", "metrics", "--metrics"];
    expect((await take(...only, "25h")).code).toBe(2);
    expect(await counts(...only, "24h")).toMatchObject({ metrics: { created: 1, unchanged: 3 } });
    expect(target.store.pointsOf(hosts[0] ?? "", "loadavg5").map((point) => point.value)).toEqual([120, 60, 0]);
    expect(await counts(...only, "24h")).toMatchObject({ metrics: { created: 0, unchanged: 4 } });
  });

  test("finds a machine that was already registered here anew, by its custom identifier", async () => {
    const { id: there } = (await at(source, "POST", "hosts", { name: "early", customIdentifier: "i-9", meta: {}, memo: "old" })).json;
    const { id: here } = (await at(target, "POST", "hosts", { name: "early", customIdentifier: "i-9", meta: {} })).json;
    await source.ask("PUT", `/api/v0/hosts/${there}/metadata/x?`, { body: "1" });
    const { out } = await take();
    expect(out).toContain(`host early (${there}): memo [${here}]`);
    expect((await target.ask("GET", `/api/v0/hosts/${here}/metadata/x?`)).text).toBe("1");
  });

  test("goes on after one thing that the server refuses, and ends with 1", async () => {
    const { id } = (await at(source, "POST", "hosts", { name: "was retired here", meta: {} })).json;
    await take("--only", "hosts");
    await at(target, "POST", `hosts/${id}/retire`, {});
    const { code, out } = await take("--only", "hosts");
    expect(code).toBe(1);
    expect(out).toContain(`is retired`);
    await at(source, "POST", `hosts/${id}/retire`, {});
    expect((await take("--only", "hosts")).code).toBe(0);
  });
});

test("another organisation of the same server is taken with new ids, also inside dashboards", async () => {
  const other = await target.people.another("other");
  const otherKey = await target.newKey(other, "administer");
  const into = (...more: string[]): Promise<CliEnd> =>
    cli.call(["import", "mackerel", "--from", addressOf(target), "--from-apikey-file", "first.key", "--format", "json", ...more], {
      env: { HINOBAN_APIKEY: otherKey },
    });
  writeFileSync(join(cli.folder, "first.key"), target.key);
  const taken = await into("--only", "hosts");
  expect(taken.code).toBe(1);
  expect(taken.json.things[0].why).toContain("belongs to a host of another organisation");
  const { code, json } = await into("--new-ids");
  expect([code, json.counts.host.failed]).toEqual([0, 0]);
  const found = (await at(target, "GET", "hosts?status=standby", undefined, otherKey)).json.hosts;
  const second = found.find((host: { name: string }) => host.name === "host1");
  expect(second.customIdentifier).toBe(`mackerel:${hosts[1]}`);
  const text = JSON.stringify((await at(target, "GET", "dashboards", undefined, otherKey)).json);
  expect(text).toContain(`host(${second.id}, loadavg5)`);
  expect(text).not.toContain(hosts[1]);
  const again = (await into("--new-ids")).json.counts;
  expect(Object.values(again).map((one) => (one as { created: number }).created)).toEqual(Object.values(again).map(() => 0)); // JSON of our own
});

describe("refuses", () => {
  test("a key that may only read and write, before it has done anything", async () => {
    const readWrite = await target.newKey(target.people.first, "read-write");
    await at(source, "POST", "hosts", { name: "new one", meta: {} });
    const { code, err } = await cli.call(["import", "mackerel", "--from", addressOf(source), "--from-apikey-file", "source.key"], {
      env: { HINOBAN_APIKEY: readWrite },
    });
    expect(code).toBe(3);
    expect(err).toContain("The run ended early; the same command goes on from here.");
  });

  test("a source that is the target, and Mackerel as target", async () => {
    writeFileSync(join(cli.folder, "same.key"), target.key);
    const same = await cli.call(["import", "mackerel", "--from", addressOf(target), "--from-apikey-file", "same.key"]);
    expect([same.code, same.err]).toEqual([2, expect.stringContaining("same organisation")]);
    const vendor = await take("--apibase", "https://api.mackerelio.com");
    expect([vendor.code, vendor.err]).toEqual([2, expect.stringContaining("The target is Mackerel itself")]);
  });
});

test("a source that asks for patience is waited for, as long as it says", async () => {
  const clock = new FakeClock();
  let refusals = 2;
  const proxy = http.createServer((request, response) => {
    if (request.url?.startsWith("/api/v0/services") && refusals > 0) {
      refusals -= 1;
      response.writeHead(429, { "retry-after": "5" }).end('{"error":{"message":"slow down"}}');
      return;
    }
    const headers = { ...request.headers, host: new URL(addressOf(source)).host };
    request.pipe(
      http.request(
        new URL(request.url ?? "/", addressOf(source)),
        { method: request.method, headers },
        (answer) => void answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)),
      ),
    );
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const from = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`; // it listens on a port
  try {
    const running = cli.call(["import", "mackerel", "--from", from, "--from-apikey-file", "source.key", "--only", "services"], { clock });
    for (let waits = 0; waits < 2; waits += 1) {
      await until("it waits", 10_000, () => clock.timers.includes("cli.retry"));
      await clock.advance(seconds(4));
      expect(clock.timers).toContain("cli.retry");
      await clock.advance(seconds(1));
    }
    expect((await running).code).toBe(0);
    expect(refusals).toBe(0);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test("a server that goes away ends the run, which goes on the next time", async () => {
  const { code, err } = await cli.call(["import", "mackerel", "--from", "http://127.0.0.1:1", "--from-apikey-file", "source.key"], {
    clock: new ImpatientClock(),
  });
  expect([code, err]).toEqual([4, expect.stringContaining("cannot be reached")]);
  expect(readFileSync(join(cli.folder, "source.key"), "utf8")).not.toContain("\0");
});

/** Every wait is over at once. */
class ImpatientClock extends FakeClock {
  override sleep(): Promise<void> {
    return Promise.resolve();
  }
}
