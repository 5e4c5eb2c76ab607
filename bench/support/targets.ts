import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promName, type FormatName } from "./formats.ts";
import type { Peer, StoredPoints } from "./peers/peer.ts";
import { startPrometheus } from "./peers/prometheus.ts";
import { startVictoriaMetrics } from "./peers/victoriametrics.ts";
import { startProduct, type Product } from "./product.ts";

/** One of the receivers under comparison. */
export interface Target {
  readonly label: string;
  readonly format: FormatName;
  readonly port: number;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Error of a stored value that is its nature, relative to the largest value of the series. */
  readonly tolerance: number;
  /** The end of what its process printed. */
  readonly output: () => string;
  readonly flush: () => Promise<void>;
  readonly stored: (name: string, host: string, from: number, to: number) => Promise<StoredPoints>;
  readonly stop: () => Promise<void>;
}

export const targetKeys: readonly string[] = ["hinoban", "vm-import", "influx", "vm-remote-write", "prometheus"];
/** Those that speak Prometheus remote write, for a comparison of their own. */
export const remoteWriteKeys: readonly string[] = ["hinoban-remote-write", "hinoban-otlp", "vm-remote-write", "prometheus"];

export interface StartTargets {
  readonly hosts: number;
  /** Some of `targetKeys`. */
  readonly only: readonly string[];
  /** Folder for CPU profiles of the product's threads, written when it ends. */
  readonly profile: string | undefined;
}

export interface StartedTargets {
  /** Every receiver gets the same: ids of hosts that the product registered. */
  readonly hosts: string[];
  readonly product: Product | undefined;
}

/** Starts the receivers, each on an empty folder of its own, and adds each to `targets` as soon as it runs: they must be stopped also when the next one fails. */
export async function startTargets(
  { hosts: count, only, profile }: StartTargets,
  folder: string,
  targets: Target[],
): Promise<StartedTargets> {
  let hosts = Array.from({ length: count }, (_, i) => `host${String(i).padStart(7, "0")}`);
  let product: Product | undefined;
  if (only.includes("hinoban")) {
    const nodeFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`, "--enable-source-maps"];
    product = await startProduct({ directory: emptyFolder(folder, "hinoban"), nodeFlags });
    const { port, daemon, headers, stored, stop } = product;
    targets.push({
      label: "Hinoban, `/api/v0/tsdb`, fsync",
      format: "hinoban",
      port,
      pid: daemon.pid,
      headers,
      tolerance: 0,
      output: daemon.output,
      flush: async () => undefined,
      stored,
      stop,
    });
    hosts = await product.registerHosts(count);
  }
  for (const foreign of foreignDoors)
    if (only.includes(foreign.key)) targets.push(await foreignTarget(foreign, emptyFolder(folder, foreign.key)));
  const vm = async (key: string, format: FormatName, label: string): Promise<void> => {
    // It keeps the values of a block as decimal fractions of one common scale: of 17 digits some 13 come back.
    if (only.includes(key))
      targets.push(peerTarget(await startVictoriaMetrics({ directory: emptyFolder(folder, key) }), format, label, 1e-12));
  };
  await vm("vm-import", "vm-import", "`/api/v1/import`");
  await vm("influx", "influx", "influx `/write`");
  await vm("vm-remote-write", "remote-write", "remote write");
  if (only.includes("prometheus")) {
    targets.push(peerTarget(await startPrometheus({ directory: emptyFolder(folder, "prometheus") }), "remote-write", "remote write", 0));
  }
  return { hosts, product };
}

interface ForeignDoor {
  readonly key: string;
  readonly label: string;
  readonly format: FormatName;
  /** What a metric that is nobody's is called here. */
  readonly prefix: string;
}

const foreignDoors: readonly ForeignDoor[] = [
  { key: "hinoban-remote-write", label: "Hinoban, remote write, fsync", format: "remote-write", prefix: "custom.prometheus." },
  { key: "hinoban-otlp", label: "the same over OTLP as JSON (no peer of Debian takes it)", format: "otlp", prefix: "custom.otel." },
];

/** The product as other products' clients write to it: hosts register by themselves. */
async function foreignTarget({ label, format, prefix }: ForeignDoor, directory: string): Promise<Target> {
  const { api, port, daemon, headers, stored, stop } = await startProduct({ directory });
  const idOf = async (name: string): Promise<string> => {
    const { hosts } = await api.get<{ hosts: { id: string }[] }>("GET", `/api/v0/hosts?name=${name}`);
    return hosts[0]?.id ?? "";
  };
  return {
    label,
    format,
    port,
    pid: daemon.pid,
    headers,
    tolerance: 0,
    output: daemon.output,
    flush: async () => undefined,
    stored: async (name, host, from, to) => stored(prefix + promName(name), await idOf(host), from, to),
    stop,
  };
}

function emptyFolder(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path, { mode: 0o755 });
  return path;
}

function peerTarget({ name, port, daemon, flush, stored, stop }: Peer, format: FormatName, label: string, tolerance: number): Target {
  return { label: `${name}, ${label}`, format, port, pid: daemon.pid, headers: {}, tolerance, output: daemon.output, flush, stored, stop };
}
