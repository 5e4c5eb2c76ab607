import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ensureProgram, freePort, packageVersion, startDaemon, type Daemon } from "../processes.ts";

export interface AlertmanagerOptions {
  /** An empty folder. */
  readonly directory: string;
  /** Where messages go. */
  readonly sink: string;
  /** Seconds between scrapes and evaluations. */
  readonly everySeconds: number;
  /** Seconds that Alertmanager waits for more alerts of a group. */
  readonly groupWaitSeconds: number;
}

/** Prometheus with one rule, a page that it scrapes, and Alertmanager behind it. */
export interface Alerting {
  readonly version: string;
  /** Lets the value of a host cross the threshold on the page, at once. */
  cross(host: string): void;
  stop(): Promise<void>;
}

const rules = `groups:
- name: load
  rules:
  - alert: Load
    expr: loadavg5 > 5
    labels: { severity: warning }
`;

/** Debian's programs. The rule has no \`for\`: one evaluation beyond the threshold fires. */
export async function startAlertmanager({ directory, sink, everySeconds, groupWaitSeconds }: AlertmanagerOptions): Promise<Alerting> {
  ensureProgram("/usr/bin/prometheus", "prometheus");
  ensureProgram("/usr/bin/prometheus-alertmanager", "prometheus-alertmanager");
  const page = await openPage();
  const [port, alertPort] = [await freePort(), await freePort()];
  const at = (name: string): string => join(directory, name);
  writeFileSync(at("rules.yml"), rules);
  writeFileSync(
    at("prometheus.yml"),
    `global: { scrape_interval: ${everySeconds}s, evaluation_interval: ${everySeconds}s }
rule_files: [${at("rules.yml")}]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:${alertPort}"] }] }] }
scrape_configs: [{ job_name: page, honor_labels: true, static_configs: [{ targets: ["127.0.0.1:${page.port}"] }] }]
`,
  );
  writeFileSync(
    at("alertmanager.yml"),
    `route: { receiver: sink, group_by: [host], group_wait: ${groupWaitSeconds}s, group_interval: 5m, repeat_interval: 4h }
receivers: [{ name: sink, webhook_configs: [{ url: "${sink}" }] }]
`,
  );
  const daemons: Daemon[] = [];
  const alertUrl = `http://127.0.0.1:${alertPort}`;
  const alertFlags = [
    `--config.file=${at("alertmanager.yml")}`,
    `--storage.path=${at("am")}`,
    `--web.listen-address=127.0.0.1:${alertPort}`,
  ];
  daemons.push(await startDaemon("/usr/bin/prometheus-alertmanager", [...alertFlags, "--cluster.listen-address="], `${alertUrl}/-/ready`));
  const url = `http://127.0.0.1:${port}`;
  const flags = [`--config.file=${at("prometheus.yml")}`, `--storage.tsdb.path=${at("data")}`, `--web.listen-address=127.0.0.1:${port}`];
  daemons.push(await startDaemon("/usr/bin/prometheus", flags, `${url}/-/ready`));
  return {
    version: `${packageVersion("prometheus")} and ${packageVersion("prometheus-alertmanager")}`,
    cross: (host) => void page.crossed.add(host),
    stop: async () => {
      for (const daemon of daemons.toReversed()) await daemon.stop();
      await page.close();
    },
  };
}

const hosts = Array.from({ length: 200 }, (_, i) => `host-${i}`);

async function openPage() {
  const crossed = new Set<string>();
  const server: Server = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(`# TYPE loadavg5 gauge\n${hosts.map((host) => `loadavg5{host="${host}"} ${crossed.has(host) ? 9 : 1}\n`).join("")}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { port, crossed, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
