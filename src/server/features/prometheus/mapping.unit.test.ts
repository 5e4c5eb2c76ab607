import { expect, test } from "vitest";
import { parseExposition } from "#base/exposition-format";
import { defaultMapping, type MappingRule } from "#wire/prometheus";
import { glob } from "./glob.ts";
import { hostOfInstance, hostOfLabels } from "./host-name.ts";
import { planOf } from "./mapping.ts";
import { triedSeries } from "./try-mapping.ts";

const rule = (more: Partial<MappingRule>): MappingRule => ({
  metric: "*",
  labels: [],
  action: "host",
  as: "auto",
  combine: "sum",
  ...more,
});
const tried = (text: string, rules: readonly MappingRule[] = [], settings = defaultMapping) =>
  triedSeries({ settings, rules: [...rules] }, text);
const names = (text: string, rules: readonly MappingRule[] = []): string[] =>
  tried(text, rules).map(({ outcome, metrics }) => [outcome, ...metrics.map((metric) => `${metric.name} ${metric.as}`)].join(" "));

test.each([
  ['node_load1{instance="a:1"} 1', "system loadavg1 gauge"],
  ['node_cpu_seconds_total{instance="a:1",cpu="0",mode="iowait"} 1', "system cpu.iowait.percentage rate"],
  ['node_cpu_guest_seconds_total{instance="a:1",cpu="0",mode="user"} 1', "system cpu.guest.percentage rate cpu.user.percentage rate"],
  ['node_memory_MemTotal_bytes{instance="a:1"} 1', "system memory.total gauge memory.used gauge"],
  ['node_disk_reads_completed_total{instance="a:1",device="nvme0n1"} 1', "system disk.nvme0n1.reads.delta rate"],
  ['node_disk_reads_completed_total{instance="a:1",device="dm-0"} 1', "drop"],
  ['node_network_receive_bytes_total{instance="a:1",device="eth0.10"} 1', "system interface.eth0_10.rxBytes.delta rate"],
  ['node_network_receive_bytes_total{instance="a:1",device="veth1234"} 1', "drop"],
  [
    'node_filesystem_size_bytes{instance="a:1",device="/dev/mapper/vg-root",fstype="ext4"} 1',
    "system filesystem.mapper_vg-root.used gauge filesystem.mapper_vg-root.size gauge",
  ],
  ['node_filesystem_size_bytes{instance="a:1",device="tmpfs",fstype="tmpfs"} 1', "drop"],
  ['node_vmstat_oom_kill{instance="a:1"} 1', "host custom.prometheus.node_vmstat_oom_kill gauge"],
  ['http_requests_total{instance="a:1",job="web",method="GET",code="200"} 1', "host custom.prometheus.http_requests_total.200.GET rate"],
  ['go_goroutines{instance="a:1"} 1', "drop"],
  ['python_info{instance="a:1",version="3"} 1', "drop"],
  ['latency_bucket{instance="a:1",le="0.5"} 1', "drop"],
  ['latency_sum{instance="a:1"} 1', "host custom.prometheus.latency_sum rate"],
  ['gc_seconds{instance="a:1",quantile="0.99"} 1', "host custom.prometheus.gc_seconds.0_99 gauge"],
  ['# TYPE threads_count gauge\nthreads_count{instance="a:1"} 1', "host custom.prometheus.threads_count gauge"],
  ['# TYPE x info\nx_info{instance="a:1"} 1', "drop"],
  ["up 1", "drop"],
])("%s becomes %s", (line, expected) => {
  expect(names(line)).toEqual([expected]);
});

test("the first rule that matches decides", () => {
  const rules = [
    rule({ metric: "secret_*", action: "drop" }),
    rule({
      metric: "http_requests_total",
      labels: [{ name: "code", value: "5*" }],
      action: "service",
      service: "Shop",
      name: "errors",
      keepLabels: [],
    }),
    rule({ metric: "http_requests_total", keepLabels: ["method"], name: "custom.web" }),
    rule({ metric: "go_*" }),
    rule({ metric: "latency_bucket" }),
    rule({ metric: "level_total", as: "gauge" }),
  ];
  const text = `secret_key{instance="a:1"} 1
http_requests_total{instance="a:1",code="503",method="GET"} 1
http_requests_total{instance="a:1",code="200",method="GET"} 1
go_goroutines{instance="a:1"} 1
latency_bucket{instance="a:1",le="0.5"} 1
level_total{instance="a:1"} 1
`;
  expect(names(text, rules)).toEqual([
    "drop",
    "service errors rate",
    "host custom.web.GET rate",
    "host custom.prometheus.go_goroutines gauge",
    "host custom.prometheus.latency_bucket.0_5 rate",
    "host custom.prometheus.level_total gauge",
  ]);
  expect(tried(text, rules).map((one) => one.rule)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("series that differ only in labels which are left out are added up", () => {
  const mapping = { settings: defaultMapping, rules: [rule({ metric: "r_total", keepLabels: [] })] };
  const plans = [...parseExposition('r_total{instance="a:1",path="/x"} 1\nr_total{instance="a:1",path="/y"} 1\n')].map((sample) =>
    planOf(mapping, sample),
  );
  expect(plans.map((plan) => plan.outputs[0]?.name)).toEqual(["custom.prometheus.r_total", "custom.prometheus.r_total"]);
  expect(new Set(plans.map((plan) => plan.outputs[0]?.part?.key)).size).toBe(2);
});

test("a name that is too long is cut and stays one of its own", () => {
  const line = (end: string): string => `m{instance="a:1",path="${"x".repeat(300)}${end}"} 1`;
  const [one, other] = [names(line("a"))[0] ?? "", names(line("b"))[0] ?? ""];
  expect(one).not.toBe(other);
  for (const name of [one, other]) expect(name.split(" ")[1]?.length).toBeLessThanOrEqual(255);
});

test.each([
  ["web1:9100", "web1"],
  ["[2001:db8::1]:9100", "2001:db8::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["https://user:pw@shop.example.jp:8443/path", "shop.example.jp"],
  ["web1", "web1"],
])("the host of instance %s is %s", (instance, host) => {
  expect(hostOfInstance(instance)).toBe(host);
});

test("a loopback address gives way to a label that says which machine it is", () => {
  const order = defaultMapping.hostLabels;
  expect(
    hostOfLabels(
      new Map([
        ["instance", "localhost:9100"],
        ["host", "web1"],
      ]),
      order,
    ),
  ).toBe("web1");
  expect(hostOfLabels(new Map([["instance", "127.0.0.1:9100"]]), order)).toBe("127.0.0.1");
  expect(
    hostOfLabels(
      new Map([
        ["instance", "web2:9100"],
        ["host", "www.example.jp"],
      ]),
      order,
    ),
  ).toBe("web2");
  expect(hostOfLabels(new Map([["nodename", "web3"]]), order)).toBe("web3");
});

test("a host joins the role that its labels name, in names that roles may have", () => {
  const settings = { ...defaultMapping, serviceLabel: "job", roleLabel: "env" };
  const plan = (line: string) =>
    planOf({ settings, rules: [] }, [...parseExposition(line)][0] ?? { name: "", family: "", type: "unknown", labels: new Map() });
  expect(plan('up{instance="a:1",job="web shop",env="prod"} 1').joins).toEqual({ service: "web-shop", role: "prod" });
  expect(plan('up{instance="a:1",job="web"} 1').joins).toEqual({ service: "web", role: "prometheus" });
  expect(plan('up{instance="a:1"} 1').joins).toBeUndefined();
});

test.each([
  ["*", "", true],
  ["a*c", "abbbc", true],
  ["a*c", "abbb", false],
  ["*b*", "abc", true],
  ["a", "ab", false],
  ["a**b", "ab", true],
  ["*aab", "aaaaab", true],
])("the pattern %j matches %j: %s", (pattern, text, expected) => {
  expect(glob(pattern, text)).toBe(expected);
});

test("no pattern takes long", () => {
  const before = performance.now();
  expect(glob(`${"*a".repeat(99)}b`, "a".repeat(4000))).toBe(false);
  expect(performance.now() - before).toBeLessThan(500);
});
