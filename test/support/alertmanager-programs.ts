import { writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openFolder } from "./folder.ts";
import { answers, startProgram, type Running } from "./prometheus-programs.ts";
import { freePort } from "./server-process.ts";
import { until } from "./until.ts";

export interface AlertmanagerOptions {
  /** Where it posts to. */
  readonly url: string;
  /** The port for its peers, and that of another one that it joins. */
  readonly cluster?: { readonly port: number; readonly peer?: number };
}

/** Debian's Alertmanager, which posts a group two seconds after its first alert. */
export async function startAlertmanager({ url, cluster }: AlertmanagerOptions): Promise<Running> {
  const folder = openFolder("hinoban-alertmanager-");
  const port = await freePort();
  const file = join(folder, "alertmanager.yml");
  writeFileSync(
    file,
    `route: { receiver: hinoban, group_by: [alertname], group_wait: 1s, group_interval: 2s, repeat_interval: 1h }
receivers:
  - name: hinoban
    webhook_configs: [{ url: "${url}", send_resolved: true }]
`,
  );
  const peers =
    cluster === undefined
      ? ["--cluster.listen-address="]
      : [
          `--cluster.listen-address=127.0.0.1:${cluster.port}`,
          "--cluster.peer-timeout=2s",
          "--cluster.settle-timeout=1s",
          ...(cluster.peer === undefined ? [] : [`--cluster.peer=127.0.0.1:${cluster.peer}`]),
        ];
  const running = startProgram(
    "prometheus-alertmanager",
    [`--config.file=${file}`, `--storage.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`, ...peers],
    port,
  );
  await until("Alertmanager is ready", 20_000, () => answers(`http://127.0.0.1:${port}/-/ready`));
  return running;
}

/** Debian's Prometheus with one rule: a target that does not answer. */
export async function startAlertingPrometheus(target: number, alertmanagers: readonly number[]): Promise<Running> {
  const folder = openFolder("hinoban-alerting-");
  const port = await freePort();
  const rules = join(folder, "rules.yml");
  writeFileSync(
    rules,
    `groups:
  - name: up
    interval: 1s
    rules:
      - alert: TargetDown
        expr: up == 0
        for: 1s
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.instance }} が応答していません" }
`,
  );
  const file = join(folder, "prometheus.yml");
  writeFileSync(
    file,
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${rules}"]
alerting:
  alertmanagers: [{ static_configs: [{ targets: [${alertmanagers.map((one) => `"127.0.0.1:${one}"`).join(", ")}] }] }]
scrape_configs:
  - job_name: web
    static_configs: [{ targets: ["127.0.0.1:${target}"], labels: { host: web1 } }]
`,
  );
  const running = startProgram(
    "prometheus",
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--rules.alert.resend-delay=2s",
    ],
    port,
  );
  await until("Prometheus is ready", 20_000, () => answers(`http://127.0.0.1:${port}/-/ready`));
  return running;
}

/** A page of metrics that can go away and come back on the same port. */
export async function openTarget(): Promise<{ readonly port: number; up(): Promise<void>; down(): Promise<void> }> {
  let server: http.Server | undefined;
  let port = 0;
  const down = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    closing?.closeAllConnections();
    if (closing) await new Promise<void>((resolve) => void closing.close(() => resolve()));
  };
  const up = async (): Promise<void> => {
    const opened = http.createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end("demo 1\n");
    });
    await new Promise<void>((resolve) => void opened.listen(port, "127.0.0.1", resolve));
    port = (opened.address() as AddressInfo).port; // it listens on a port, not on a socket file
    server = opened;
  };
  await up();
  return {
    get port() {
      return port;
    },
    up,
    down,
  };
}
