import { describe, expect, test } from "vitest";
import { hours, minutes, seconds } from "#base/duration";
import { withPeople } from "#test/people";
import { ask } from "#test/zabbix-client";
import { withZabbixRigs, type RigOptions, type ZabbixRig } from "#test/zabbix-rig";
import { changeSettings } from "./change-settings.ts";
import { createPsk } from "./create-psk.ts";
import { listHosts } from "./read-hosts.ts";

const people = withPeople();
const openRig = withZabbixRigs(people);
const start = (options: Partial<RigOptions> = {}): Promise<ZabbixRig> => openRig({ clock: people.clock, ...options });
const session = "0123456789abcdef0123456789abcdef";
const clockNow = (): number => Math.floor(people.clock.now() / 1000);

interface Asked {
  readonly key: string;
  readonly itemid: number;
  readonly delay: string;
  readonly lastlogsize: number;
  readonly mtime: number;
}

const itemsOf = async (rig: ZabbixRig, host: string): Promise<readonly Asked[]> => {
  const { data } = await ask(rig.port, { request: "active checks", host, host_metadata: "linux" });
  return data as readonly Asked[];
};
const send = (rig: ZabbixRig, host: string, values: readonly object[], more: object = {}) =>
  ask(rig.port, { request: "agent data", session, data: values.map((value) => ({ host, ...value })), clock: clockNow(), ns: 0, ...more });
const dev = (bytes: number): string => `eth0: ${bytes} 1 0 0 0 0 0 0 ${bytes} 1 0 0 0 0 0 0\n`;
const netDev = "vfs.file.contents[/proc/net/dev]";
const rx = "interface.eth0.rxBytes.delta";
const hostOf = async (rig: ZabbixRig, name: string): Promise<string> => (await rig.hostId(name)) ?? "none";
const rates = async (rig: ZabbixRig, name: string): Promise<number[]> =>
  ((await rig.points(await hostOf(rig, name)))[rx] ?? []).map(({ value }) => value);

describe("an agent that asks what to watch", () => {
  test("becomes a host, with one entry in the history, and gets items in the one form that every agent takes", async () => {
    const rig = await start();
    await people.acts();
    const items = await itemsOf(rig, "web 1.example");
    for (const item of items) {
      expect(item).toEqual({
        key: expect.any(String),
        itemid: expect.any(Number),
        delay: expect.stringMatching(/^\d+s$/u),
        lastlogsize: 0,
        mtime: 0,
      });
    }
    expect(await itemsOf(rig, "web 1.example")).toEqual(items);
    expect(await people.acts()).toMatchObject([
      { verb: "host.registered", actor: "system:zabbix", object: `host:${await hostOf(rig, "web 1.example")}` },
    ]);
  });

  test("of 7.0 hears of a revision, and only that when it has the list already", async () => {
    const rig = await start();
    const request = { request: "active checks", host: "seven", host_metadata: "linux", session, version: "7.0.9", variant: 1 };
    const first = await ask(rig.port, { ...request, config_revision: 0 });
    expect(first).toMatchObject({ response: "success", config_revision: expect.any(Number), data: expect.any(Array) });
    const second = await ask(rig.port, { ...request, config_revision: first.config_revision });
    expect(second).toEqual({ response: "success", config_revision: first.config_revision });
    expect(await itemsOf(rig, "seven")).toEqual(first.data);
    const beat = { request: "active check heartbeat", host: "seven", heartbeat_freq: 60, version: "7.0.9", variant: 1 };
    expect(await ask(rig.port, beat)).toEqual({ response: "success" });
    await send(rig, "seven", [{ key: "a", value: "1", id: 1, clock: clockNow(), ns: 0 }], { version: "7.0.9", variant: 1 });
    await rig.zabbix.flush();
    const seen = async () => (await listHosts(rig.zabbix, people.first.actor, { text: "seven" })).hosts[0];
    expect(await seen()).toMatchObject({ version: "7.0.9", agent: "agent", isHeartbeatLate: false, metadata: "linux" });
    await people.clock.advance(minutes(3));
    expect(await seen()).toMatchObject({ isHeartbeatLate: true });
  });

  test("is not found when it may not register, when a key was made for its name, or when its host was retired", async () => {
    const rig = await start();
    const { actor } = people.first;
    await changeSettings(rig.zabbix, actor, { networks: ["127.0.0.0/8"], autoregister: false });
    expect(await ask(rig.port, { request: "active checks", host: "nobody" })).toEqual({
      response: "failed",
      info: "host [nobody] not found",
    });
    await changeSettings(rig.zabbix, actor, { networks: ["127.0.0.0/8"], autoregister: true });
    await createPsk(rig.zabbix, actor, { hostName: "only-by-key" });
    expect(await ask(rig.port, { request: "active checks", host: "only-by-key" })).toMatchObject({ response: "failed" });
    expect(await send(rig, "only-by-key", [{ key: "a", value: "1", id: 1, clock: clockNow(), ns: 0 }])).toMatchObject({
      response: "success",
      info: expect.stringContaining("processed: 0; failed: 1; total: 1;"),
    });
    expect(rig.zabbix.refusals.of(actor.organisationId, true).map(({ reason, name }) => [reason, name])).toEqual([
      ["other-host", "only-by-key"],
      ["unknown-host", "nobody"],
    ]);
    expect(await rig.hostId("only-by-key")).toBeUndefined();
  });
});

describe("values", () => {
  test("named by the numbers of a list arrive, also after the server was restarted, and no minute is missing", async () => {
    const before = await start();
    const itemid = (await itemsOf(before, "steady")).find(({ key }) => key === netDev)?.itemid;
    const value = (id: number, bytes: number) => ({ itemid, value: dev(bytes), id, clock: clockNow(), ns: 0 });
    await send(before, "steady", [value(1, 6000)]);
    await people.clock.advance(minutes(1));
    await send(before, "steady", [value(2, 12_000)]);
    expect(await rates(before, "steady")).toEqual([100]);
    await before.close();
    const kept: object[] = [];
    for (let minute = 1; minute <= 10; minute += 1) {
      await people.clock.advance(minutes(1));
      kept.push(value(2 + minute, 12_000 + minute * 600));
    }
    const after = await start({ store: before.store });
    expect(await send(after, "steady", kept)).toMatchObject({ info: expect.stringContaining("processed: 10; failed: 0; total: 10;") });
    expect(await rates(after, "steady")).toEqual([100, ...Array.from({ length: 10 }, () => 10)]);
  });

  test("that are sent twice count once; those that could not be stored are asked for again and make the same points", async () => {
    const rig = await start();
    const value = (id: number, bytes: number) => ({ key: netDev, value: dev(bytes), id, clock: clockNow(), ns: 0 });
    await send(rig, "twice", [value(1, 6000)]);
    await people.clock.advance(minutes(1));
    const second = [value(2, 12_000)];
    rig.store.fillDisk();
    expect(await send(rig, "twice", second)).toEqual({ response: "failed", info: expect.stringContaining("nothing could be stored: ") });
    rig.store.freeDisk();
    for (let time = 0; time < 3; time += 1) {
      expect(await send(rig, "twice", second)).toMatchObject({
        response: "success",
        info: expect.stringContaining("processed: 1; failed: 0;"),
      });
      expect(await rates(rig, "twice")).toEqual([100]);
    }
  });

  test("whose clock is 25 hours off are dropped, counted and shown, and the agent goes on", async () => {
    const rig = await start();
    for (const off of [-25, 25]) {
      const clock = clockNow() + off * 3600;
      const values = [
        { key: "vfs.file.contents[/proc/loadavg]", value: "1 2 3 1/1 1", id: Math.abs(off) + off, clock, ns: 0 },
        { key: "vfs.file.contents[/proc/loadavg]", value: "1 2 3 1/1 1", id: Math.abs(off) + off + 1, clock, ns: 0 },
      ];
      expect(await send(rig, `off${off}`, values, { clock })).toMatchObject({
        response: "success",
        info: expect.stringContaining("processed: 0; failed: 2; total: 2;"),
      });
      expect(await rig.points(await hostOf(rig, `off${off}`))).toEqual({});
      await rig.zabbix.flush();
      const { hosts } = await listHosts(rig.zabbix, people.first.actor, { text: `off${off}` });
      expect(hosts[0]).toMatchObject({ lateValues: 2, clockOffset: hours(off) });
    }
    const text = rig.metrics
      .figures()
      .find(({ name }) => name === "hinoban_metric_points_dropped_total")
      ?.value();
    expect(text).toEqual(
      expect.arrayContaining([
        { labels: { reason: "too-old" }, value: 2 },
        { labels: { reason: "too-new" }, value: 2 },
      ]),
    );
  });

  test("that an agent cannot deliver are shown in its words, and forgotten when it can", async () => {
    const rig = await start();
    const value = (id: number, more: object) => ({ key: "vfs.fs.get", id, clock: clockNow(), ns: 0, ...more });
    expect(await send(rig, "unable", [value(1, { state: 1, value: "Unsupported item key." })])).toMatchObject({
      info: expect.stringContaining("processed: 1; failed: 0;"),
    });
    await rig.zabbix.flush();
    const shown = async () => (await listHosts(rig.zabbix, people.first.actor, { text: "unable" })).hosts[0]?.unsupported;
    expect(await shown()).toEqual([{ key: "vfs.fs.get", message: "Unsupported item key.", since: people.clock.now(), isReplaced: true }]);
    expect((await itemsOf(rig, "unable")).map(({ key }) => key)).toContain("vfs.fs.discovery");
    await people.clock.advance(seconds(60));
    await send(rig, "unable", [value(2, { value: "[]" })]);
    expect(await shown()).toEqual([]);
    expect((await itemsOf(rig, "unable")).map(({ key }) => key)).not.toContain("vfs.fs.discovery");
  });

  test("of several hosts in one post go to each; one bad value keeps none of the others", async () => {
    const rig = await start();
    const data = [
      { host: "many-1", key: "app.a", value: "1" },
      { host: "many-2", key: "app.a", value: "2" },
      { host: "many-2", key: "app.text", value: "hello" },
      { host: "many-1", key: "no key", value: "3" },
      { host: "many-1" },
      17,
    ];
    expect(await ask(rig.port, { request: "sender data", data })).toMatchObject({
      response: "success",
      info: expect.stringMatching(/^processed: 2; failed: 4; total: 6; seconds spent: \d\.\d{6}$/u),
    });
    for (const [host, value] of [
      ["many-1", 1],
      ["many-2", 2],
    ] as const) {
      const points = await rig.points(await hostOf(rig, host));
      expect(Object.entries(points).map(([name, [point]]) => [name, point?.value])).toEqual([["custom.zabbix.app.a", value]]);
    }
    await rig.zabbix.flush();
    const { hosts, total } = await listHosts(rig.zabbix, people.first.actor, { text: "many-" });
    expect([total, hosts.map(({ name, agent, textValues }) => [name, agent, textValues])]).toEqual([
      2,
      [
        ["many-1", "sender", 0],
        ["many-2", "sender", 1],
      ],
    ]);
  });

  test("describe the machine on the page of its host, once, but never over what Mackerel's agent wrote", async () => {
    const rig = await start();
    const facts = {
      "system.uname": "Linux vm 6.1.0-30-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.124-1 x86_64",
      "vfs.file.contents[/etc/os-release]": 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\n',
      "system.hw.cpu[all,model]": "processor 0: AMD EPYC\nprocessor 1: AMD EPYC",
      "agent.version": "6.0.14",
      "vm.memory.size[total]": "1048576",
      "system.boottime": "1795309167",
    };
    const values = Object.entries(facts).map(([key, value], index) => ({ key, value, id: index + 1, clock: clockNow(), ns: 0 }));
    await people.acts();
    await send(rig, "described", values);
    const id = await hostOf(rig, "described");
    const meta = async (): Promise<unknown> => {
      const { rows } = await people.owner.query<{ meta: string }>("select meta from inventory_host where id = $1", [id]);
      return JSON.parse(rows[0]?.meta ?? "");
    };
    expect(await meta()).toEqual({
      "agent-name": "Zabbix agent 6.0.14",
      "agent-version": "6.0.14",
      kernel: {
        name: "Linux",
        os: "GNU/Linux",
        release: "6.1.0-30-amd64",
        version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.124-1",
        machine: "x86_64",
        platform_name: "Debian GNU/Linux",
        platform_version: "12",
      },
      cpu: [{ model_name: "AMD EPYC" }, { model_name: "AMD EPYC" }],
      memory: { total: "1024kB" },
      zabbix: { boottime: "1795309167" },
    });
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(["host.registered", "host.changed"]);
    await send(
      rig,
      "described",
      values.map((value) => ({ ...value, id: value.id + 10 })),
    );
    expect(await people.acts()).toEqual([]);
    await people.owner.query(`update inventory_host set meta = '{"agent-name":"mackerel-agent/0.85.2"}' where id = $1`, [id]);
    await send(rig, "described", [{ key: "system.hostname", value: "vm", id: 30, clock: clockNow(), ns: 0 }]);
    expect(await meta()).toEqual({ "agent-name": "mackerel-agent/0.85.2" });
  });
});
