import { join } from "node:path";
import { ApiClient, claim, withNewKey } from "#test/api-client";
import type { StoredPoints } from "./peers/peer.ts";
import { freePort, pause, startDaemon, type Daemon } from "./processes.ts";

/** The whole product as it is installed: the server of the build, its PostgreSQL and its metric store, set up through its API. */
export interface Product {
  readonly port: number;
  readonly daemon: Daemon;
  /** Calls as an agent does, with an API key. */
  readonly api: ApiClient;
  /** What every post of an agent carries. */
  readonly headers: Readonly<Record<string, string>>;
  /** Registers hosts as agents do and gives their ids. */
  registerHosts(count: number): Promise<string[]>;
  /** Every stored point of one series, exactly. Both ends inclusive. */
  readonly stored: (name: string, host: string, from: number, to: number) => Promise<StoredPoints>;
  /** The figure of this name on /metrics. */
  figure(name: string): Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface ProductOptions {
  /** An empty folder for its data. */
  readonly directory: string;
  /** The built server; that of this checkout by default. Another checkout's, to compare two versions in one run. */
  readonly bundle?: string;
  /** More settings on the command line. */
  readonly flags?: readonly string[];
  /** Flags for node, such as those of its profiler. */
  readonly nodeFlags?: readonly string[];
}

/** Starts and sets up a server without an agent of its own: the peers do not watch this machine either. The build must be current. */
export async function startProduct({
  directory,
  bundle = join(process.cwd(), "dist", "hinoban.js"),
  nodeFlags = [],
  flags: moreFlags = [],
}: ProductOptions): Promise<Product> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = ["--data-dir", directory, "--port", String(port), "--host", "127.0.0.1", "--no-agent", "--zabbix-port", "0", ...moreFlags];
  const daemon = await startDaemon(process.execPath, [...nodeFlags, bundle, "server", ...flags], `${url}/readyz`);
  const api = await withNewKey(await claim(url, await setupUrlOf(daemon)));
  return {
    port,
    daemon,
    api,
    headers: { "x-api-key": api.apiKey },
    registerHosts: (count) => registerHosts(api, count),
    stored: (name, host, from, to) => readStored(api, name, host, from, to),
    figure: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "mu").exec(text)?.[1] ?? Number.NaN);
    },
    stop: () => daemon.stop(),
  };
}

/** The one-time link that a server prints. @throws when it prints none within ten seconds */
export async function setupUrlOf(daemon: Daemon): Promise<string> {
  for (let i = 0; i < 200; i++) {
    const url = /(http:\/\/\S+\/setup#\S+)/u.exec(daemon.output())?.[1];
    if (url !== undefined) return url;
    await pause(50);
  }
  throw new Error(`the server printed no set-up link: ${daemon.output()}`);
}

async function registerHosts(api: ApiClient, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const { id } = await api.get<{ id: string }>("POST", "/api/v0/hosts", {
      name: `host-${i}.example.jp`,
      meta: {},
      interfaces: [],
      roleFullnames: [],
    });
    ids.push(id);
  }
  return ids;
}

async function readStored(api: ApiClient, name: string, host: string, from: number, to: number): Promise<StoredPoints> {
  const query = new URLSearchParams({ name, from: String(from), to: String(to) });
  const { metrics } = await api.get<{ metrics: { time: number; value: number }[] }>(
    "GET",
    `/api/v0/hosts/${host}/metrics?${query.toString()}`,
  );
  return { times: metrics.map(({ time }) => time), values: metrics.map(({ value }) => value) };
}
