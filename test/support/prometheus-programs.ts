import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFolder } from "./folder.ts";
import { freePort } from "./server-process.ts";
import { until } from "./until.ts";

/** A program of Debian's that runs until the test ends it. */
export interface Running {
  readonly port: number;
  output(): string;
  end(): Promise<void>;
}

/** Starts a program and keeps what it writes. */
export function startProgram(program: string, args: readonly string[], port: number): Running {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  child.on("error", (error) => void (text += String(error)));
  return { port, output: () => text, end: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** Debian's node_exporter on a free port. */
export async function startNodeExporter(): Promise<Running> {
  const port = await freePort();
  const running = startProgram("prometheus-node-exporter", [`--web.listen-address=127.0.0.1:${port}`], port);
  await until("node_exporter answers", 10_000, () => answers(`http://127.0.0.1:${port}/metrics`));
  return running;
}

export interface PrometheusOptions {
  /** Where it writes to, with the key as bearer token. */
  readonly remoteWrite: string;
  readonly key: string;
  /** Lines of `scrape_configs`, indented by two. */
  readonly scrape: string;
  readonly interval: string;
}

/** Debian's Prometheus with an empty storage. */
export async function startPrometheus({ remoteWrite, key, scrape, interval }: PrometheusOptions): Promise<Running> {
  const folder = openFolder("hinoban-prometheus-");
  const port = await freePort();
  const file = join(folder, "prometheus.yml");
  writeFileSync(
    file,
    `global:
  scrape_interval: ${interval}
remote_write:
  - url: ${remoteWrite}
    authorization: { type: Bearer, credentials: ${key} }
    queue_config: { batch_send_deadline: 500ms, max_backoff: 500ms }
    metadata_config: { send_interval: 2s }
scrape_configs:
${scrape}`,
  );
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`];
  const running = startProgram("prometheus", args, port);
  await until("Prometheus is ready", 20_000, () => answers(`http://127.0.0.1:${port}/-/ready`));
  return running;
}

/** Whether something answers there with success. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );

/** Serves a page that is made anew for each scrape. */
export async function serveExposition(
  page: (scrape: number) => string,
): Promise<{ readonly port: number; scrapes(): number; end(): Promise<void> }> {
  let scrapes = 0;
  const server = http.createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(page(scrapes));
    scrapes += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    scrapes: () => scrapes,
    end: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
