import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promName } from "../formats.ts";
import { bytesBelow, ensureProgram, freePort, packageVersion, startDaemon } from "../processes.ts";
import { ask, form, type Peer, type PeerOptions } from "./peer.ts";

const program = "/usr/bin/prometheus";
const debianPackage = "prometheus";

// Nothing is scraped. Points may arrive up to a day out of order, as Hinoban takes them.
const config = `global:
  scrape_interval: 1m
storage:
  tsdb:
    out_of_order_time_window: 1d
`;

/**
 * Starts a Prometheus of Debian that takes remote write. Points must come roughly in the order of time: a year cannot be
 * back-filled through this door, and its own tool for that (blocks made by promtool) takes hours.
 */
export async function startPrometheus({ directory }: PeerOptions): Promise<Peer> {
  ensureProgram(program, debianPackage);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(directory, "prometheus.yml");
  const dataDirectory = join(directory, "data");
  writeFileSync(configFile, config);
  const daemon = await startDaemon(
    program,
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataDirectory}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--storage.tsdb.retention.time=600d",
      "--web.enable-remote-write-receiver",
      "--web.enable-admin-api", // for the snapshot
      "--query.max-samples=500000000",
    ],
    `${url}/-/ready`,
  );
  return {
    name: "Prometheus",
    version: packageVersion(debianPackage),
    port,
    daemon,
    formats: ["remote-write"],
    flush: async () => undefined, // what it acknowledged is visible
    bytesOnDisk: async () => {
      const answer = await ask(`${url}/api/v1/admin/tsdb/snapshot`, { method: "POST" });
      const { data } = JSON.parse(answer.toString("utf8")) as { data: { name: string } }; // its documented answer
      return bytesBelow(join(dataDirectory, "snapshots", data.name)); // all blocks, and the head as one more block
    },
    queryRange: ({ expression, from, to, step }) =>
      ask(`${url}/api/v1/query_range`, form({ query: expression, start: from, end: to, step })),
    stored: async (name, host, from, to) => {
      const query = `${promName(name)}{host="${host}"}[${to - from + 1}s]`;
      const answer = await ask(`${url}/api/v1/query`, form({ query, time: to }));
      const { data } = JSON.parse(answer.toString("utf8")) as { data: { result: { values: [number, string][] }[] } }; // its documented answer
      const points = data.result[0]?.values ?? [];
      return { times: points.map(([time]) => time), values: points.map(([, value]) => Number(value)) };
    },
    stop: () => daemon.stop(),
  };
}
