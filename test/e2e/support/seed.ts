import { ApiClient, claim, ownerAccount, withNewKey } from "#test/api-client";
import type { Credentials } from "./house.ts";

/** Points for one host: values by metric name. */
type Values = Readonly<Record<string, number>>;

export interface SeededHost {
  readonly id: string;
  readonly name: string;
}

export const sato: Credentials = ownerAccount;
/** A manager who reads Japanese. */
export const tanaka: Credentials = { email: "tanaka@example.jp", password: "hinoyoujin 2026" };

/** Comes and is removed again. */
export const kobayashi: Credentials = { email: "kobayashi@example.jp", password: "night watch 1657" };
/** Belongs to the other organisation only. */
export const suzuki: Credentials = { email: "suzuki@example.jp", password: "annex only 2026 x" };
/** Uses two browsers. */
export const mori: Credentials = { email: "mori@example.jp", password: "two browsers 2026" };
/** Forgets the password. */
export const ito: Credentials = { email: "ito@example.jp", password: "forgets it 4 times" };

/** The organisation that `claim` makes, and one in which there is nothing yet. */
export const org = "main";
export const emptyOrg = "annex";

/** Sets an installation up: two organisations, an owner who reads English and a manager who reads Japanese in both. */
export async function settle(url: string, setupUrl: string): Promise<{ readonly owner: ApiClient; readonly key: ApiClient }> {
  const owner = await claim(url, setupUrl);
  await owner.get("POST", "/api/v1/organisations", { name: emptyOrg, displayName: "Annex Laboratory" });
  const newPerson = { name: "田中 一郎", password: tanaka.password, language: "ja", timeZone: "Asia/Tokyo" };
  const manager = await join(url, owner, { to: org, email: tanaka.email, role: "manager", newPerson });
  const { path } = await owner.get<Invited>("POST", `/api/v1/orgs/${emptyOrg}/invitations`, { email: tanaka.email, role: "manager" });
  await manager.get("POST", `/api/v1/invitations/${tokenOf(path)}`, {});
  return { owner, key: await withNewKey(owner, "agents", "read-write", org) };
}

interface Invited {
  readonly path: string;
}

interface Invitee {
  readonly to: string;
  readonly email: string;
  readonly role: string;
  readonly newPerson: { readonly name: string; readonly password: string; readonly language: string; readonly timeZone: string };
}

const tokenOf = (path: string): string => path.split("#")[1] ?? "";

/** Invites somebody new and accepts for them; their client. */
export async function join(url: string, by: ApiClient, { to, email, role, newPerson }: Invitee): Promise<ApiClient> {
  const { path } = await by.get<Invited>("POST", `/api/v1/orgs/${to}/invitations`, { email, role });
  return new ApiClient(url).signedIn(`/api/v1/invitations/${tokenOf(path)}`, { newPerson });
}

const layout: readonly (readonly [service: string, role: string, count: number])[] = [
  ["shop", "web", 36],
  ["shop", "app", 8],
  ["shop", "db", 4],
  ["campus-network", "proxy", 6],
  ["campus-network", "dns", 3],
];

/** Which points are posted: a host counts in a role from its registration on, so that a role has only those that are ahead of now. */
export interface Span {
  readonly minutesBack: number;
  readonly minutesAhead: number;
  /** Minutes between two points. */
  readonly step: number;
}

/** Services with roles, sixty hosts with graphs (some retired, some in no role), graphs of their own, checks, metadata, service metrics. */
export async function furnish(owner: ApiClient, key: ApiClient, span: Span): Promise<SeededHost[]> {
  const at = `/api/v1/orgs/${org}`;
  for (const service of new Set(layout.map(([name]) => name)))
    await owner.get("POST", `${at}/services`, { name: service, memo: `What ${service} needs` });
  for (const [service, role] of layout) await owner.get("POST", `${at}/services/${service}/roles`, { name: role, memo: "" });
  const hosts: SeededHost[] = [];
  let number = 0;
  for (const [service, role, count] of layout) {
    for (let index = 1; index <= count; index += 1) {
      number += 1;
      hosts.push(await registerHost(key, number, `${role}-${String(index).padStart(2, "0")}.example.jp`, [`${service}:${role}`]));
    }
  }
  for (const name of ["build-01.example.jp", "build-02.example.jp", "old-gateway.example.jp"])
    hosts.push(await registerHost(key, (number += 1), name, []));
  await key.get("POST", "/api/v0/graph-defs/create", graphDefinitions);
  for (const [index, host] of hosts.entries()) await postHistory(key, host, index, span);
  await key.get(
    "POST",
    "/api/v0/services/shop/tsdb",
    minutesOf(span).map((time, index) => ({ name: "orders.paid", time, value: 20 + wave(index, 40, 7) })),
  );
  await key.get("POST", "/api/v0/monitoring/checks/report", { reports: [checkReport(hosts[0]?.id ?? "")] });
  await owner.get("PUT", `${at}/hosts/${hosts[0]?.id}/metadata/rack`, { text: JSON.stringify({ room: "B2", rack: 14, unit: 7 }) });
  await owner.get("PUT", `${at}/hosts/${hosts[0]?.id}`, { memo: "Front of the shop.\nCall the campus office before a restart." });
  const named = (name: string): string => hosts.find((host) => host.name.startsWith(name))?.id ?? "";
  await owner.get("POST", `${at}/hosts/bulk-status`, { ids: [named("app-03"), named("db-02")], status: "standby" });
  await owner.get("POST", `${at}/hosts/bulk-status`, { ids: [named("web-07")], status: "maintenance" });
  await owner.get("POST", `${at}/hosts/bulk-status`, { ids: [named("build-02")], status: "poweroff" });
  await owner.get("POST", `${at}/hosts/bulk-retire`, { ids: [named("app-08"), named("old-gateway")] });
  return hosts;
}

async function registerHost(key: ApiClient, number: number, name: string, roleFullnames: readonly string[]): Promise<SeededHost> {
  const address = `192.0.2.${number}`;
  const { id } = await key.get<{ id: string }>("POST", "/api/v0/hosts", {
    name,
    roleFullnames,
    customIdentifier: `${name}.rack`,
    interfaces: [
      {
        name: "eth0",
        ipv4Addresses: [address],
        ipv6Addresses: [`2001:db8::${number.toString(16)}`],
        macAddress: `02:00:00:00:00:${hex(number)}`,
      },
    ],
    meta: metaOf(name),
    checks: [{ name: "http", memo: "Answers within a second" }],
  });
  return { id, name };
}

const hex = (number: number): string => number.toString(16).padStart(2, "0");
const gigabyte = 1024 ** 3;

const metaOf = (name: string): object => ({
  "agent-name": "hinoban-agent/0.1.0",
  "agent-version": "0.1.0",
  kernel: {
    name: "Linux",
    os: "GNU/Linux",
    release: "6.1.0-18-amd64",
    version: "#1 SMP Debian 6.1.76-1",
    machine: "x86_64",
    platform_name: "debian",
    platform_version: "12.5",
  },
  cpu: Array.from({ length: 4 }, () => ({ model_name: "Intel(R) Xeon(R) Silver 4314 CPU @ 2.40GHz", mhz: "2400.000" })),
  memory: { total: "16308580kB" },
  filesystem: { "/dev/vda1": { kb_size: 61_890_340, kb_used: 21_409_112, kb_available: 37_320_112, percent_used: "37%", mount: "/" } },
  block_device: { vda: { size: "125829120", vendor: "0x1af4" } },
  hostname: name,
});

const checkReport = (hostId: string): object => ({
  source: { type: "host", hostId },
  name: "http",
  status: "WARNING",
  message: "HTTP WARNING: 200 OK - 1.284 second response time",
  occurredAt: Math.floor(Date.now() / 1000) - 60,
});

const graphDefinitions = [
  {
    name: "custom.nginx.requests",
    displayName: "nginx requests",
    unit: "float",
    metrics: [{ name: "custom.nginx.requests.requests", displayName: "requests", isStacked: false }],
  },
  {
    name: "custom.nginx.connections",
    displayName: "nginx connections",
    unit: "integer",
    metrics: ["reading", "writing", "waiting"].map((kind) => ({
      name: `custom.nginx.connections.${kind}`,
      displayName: kind,
      isStacked: true,
    })),
  },
];

/** Full minutes of the span, oldest first, in unix seconds. */
function minutesOf({ minutesBack, minutesAhead, step }: Span): number[] {
  const now = Math.floor(Date.now() / 60_000) * 60;
  const count = Math.floor((minutesBack + minutesAhead) / step) + 1;
  return Array.from({ length: count }, (_, index) => now + (minutesAhead - index * step) * 60).toReversed();
}

async function postHistory(key: ApiClient, host: SeededHost, seed: number, span: Span): Promise<void> {
  const points = minutesOf(span).flatMap((time) =>
    Object.entries(valuesAt(time / 60, seed, host.name)).map(([name, value]) => ({ hostId: host.id, name, time, value })),
  );
  for (let from = 0; from < points.length; from += 5000) await key.get("POST", "/api/v0/tsdb", points.slice(from, from + 5000));
}

/** A number from 0 to 1 that looks like chance but is the same in every run. */
function chance(minute: number, seed: number): number {
  const x = Math.sin(minute * 12.9898 + seed * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}

/** A rise and fall over `period` minutes between 0 and `height`. */
const wave = (minute: number, period: number, height: number): number => ((Math.sin((minute / period) * 2 * Math.PI) + 1) / 2) * height;

/** Now and then a job takes everything for some minutes. */
const jobAt = (minute: number, seed: number): number => ((minute + seed * 13) % 90 < 6 ? 1 : 0);

/** How busy the processors of a server are, from 0 to 1: the wave of the day, a shorter one, noise and jobs. */
const busyAt = (minute: number, seed: number): number =>
  0.14 +
  wave(minute + seed * 31, 240, 0.26) +
  wave(minute + seed * 7, 37, 0.08) +
  chance(minute, seed * 17 + 1) * 0.05 +
  jobAt(minute, seed) * 0.25;

function meanBusy(minute: number, seed: number, minutes: number): number {
  let sum = 0;
  for (let back = 0; back < minutes; back += 1) sum += busyAt(minute - back, seed);
  return sum / minutes;
}

const whole = (value: number): number => Math.round(value);
const hundredths = (value: number): number => Math.round(value * 100) / 100;

function valuesAt(minute: number, seed: number, name: string): Values {
  const busy = busyAt(minute, seed);
  return {
    loadavg1: hundredths(busy * 4),
    loadavg5: hundredths(meanBusy(minute, seed, 5) * 4),
    loadavg15: hundredths(meanBusy(minute, seed, 15) * 4),
    ...processorAndMemory(minute, seed, busy),
    ...devices(minute, seed, busy),
    ...(name.startsWith("web") ? nginx(minute, seed, busy) : {}),
  };
}

function processorAndMemory(minute: number, seed: number, busy: number): Values {
  const user = 400 * busy * 0.62;
  const system = 400 * busy * 0.17;
  const iowait = 400 * (0.01 + jobAt(minute, seed) * 0.06 + chance(minute, seed * 17 + 2) * 0.01);
  const total = 16 * gigabyte;
  const used = whole(total * (0.34 + wave(minute + seed * 50, 600, 0.12) + chance(minute, seed * 17 + 3) * 0.01));
  return {
    "cpu.user.percentage": user,
    "cpu.system.percentage": system,
    "cpu.iowait.percentage": iowait,
    "cpu.idle.percentage": Math.max(0, 400 - user - system - iowait),
    "memory.total": total,
    "memory.used": used,
    "memory.mem_available": total - used,
    "memory.cached": whole(total * (0.28 + wave(minute, 500, 0.05))),
    "memory.swap_total": 2 * gigabyte,
    "memory.swap_free": whole(2 * gigabyte * 0.96),
  };
}

function devices(minute: number, seed: number, busy: number): Values {
  const noise = (salt: number): number => chance(minute, seed * 17 + salt);
  return {
    "disk.vda.reads.delta": whole(busy * 40 + jobAt(minute, seed) * 300 + noise(7) * 20),
    "disk.vda.writes.delta": whole(busy * 90 + noise(8) * 30),
    "interface.eth0.rxBytes.delta": whole(busy * 2_400_000 + noise(9) * 200_000),
    "interface.eth0.txBytes.delta": whole(busy * 7_800_000 + noise(10) * 600_000),
    "filesystem.vda1.size": 60 * gigabyte,
    "filesystem.vda1.used": whole((20.4 + (minute % 1440) / 1440) * gigabyte),
  };
}

const nginx = (minute: number, seed: number, busy: number): Values => ({
  "custom.nginx.requests.requests": whole(busy * 900) / 10,
  "custom.nginx.connections.reading": whole(chance(minute, seed * 17 + 6) * 3),
  "custom.nginx.connections.writing": whole(busy * 30),
  "custom.nginx.connections.waiting": whole(busy * 140),
});
