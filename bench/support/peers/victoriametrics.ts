import { existsSync } from "node:fs";
import { join } from "node:path";
import { promName } from "../formats.ts";
import { bytesBelow, ensureProgram, freePort, packageVersion, pause, startDaemon } from "../processes.ts";
import { ask, form, type Peer, type PeerOptions, type StoredPoints } from "./peer.ts";

const program = "/usr/bin/victoria-metrics";
const debianPackage = "victoria-metrics";

/** Starts a single-node VictoriaMetrics of Debian. It takes points of the last 600 days and never answers from its cache of results. */
export async function startVictoriaMetrics({ directory }: PeerOptions): Promise<Peer> {
  ensureProgram(program, debianPackage);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const daemon = await startDaemon(
    program,
    [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${directory}`,
      "-retentionPeriod=600d",
      "-search.latencyOffset=0s", // else the newest half minute is hidden
      "-influxSkipMeasurement", // a field's name is the metric's name, as in the other formats
      "-search.maxPointsPerTimeseries=1000000",
      "-search.maxUniqueTimeseries=1000000",
    ],
    `${url}/health`,
  );
  const flush = async (): Promise<void> => void (await ask(`${url}/internal/force_flush`));
  return {
    name: "VictoriaMetrics",
    version: packageVersion(debianPackage),
    port,
    daemon,
    formats: ["vm-import", "influx", "remote-write"],
    flush,
    bytesOnDisk: async () => {
      await untilOnDisk(url, flush);
      await ask(`${url}/internal/force_merge`);
      await untilMerged(url);
      return bytesOfData(directory);
    },
    queryRange: ({ expression, from, to, step }) =>
      ask(`${url}/api/v1/query_range`, form({ query: expression, start: from, end: to, step, nocache: 1 })),
    stored: async (name, host, from, to) => {
      const selector = `{__name__="${promName(name)}",host="${host}"}`;
      return parseExport(await ask(`${url}/api/v1/export`, form({ "match[]": selector, start: from, end: to })));
    },
    stop: () => daemon.stop(),
  };
}

/** Points and index; what lies beside them are caches. */
function bytesOfData(directory: string): number {
  return ["data", "indexdb"]
    .map((name) => join(directory, name))
    .reduce((sum, folder) => sum + (existsSync(folder) ? bytesBelow(folder) : 0), 0);
}

/** Rows come to the files some time after the answer and after a flush: waits until there are as many as were taken. */
async function untilOnDisk(url: string, flush: () => Promise<void>): Promise<void> {
  for (let i = 0; i < 120; i++) {
    await flush();
    const metrics = (await ask(`${url}/metrics`)).toString("utf8");
    const sumOf = (line: RegExp): number => [...metrics.matchAll(line)].reduce((sum, match) => sum + Number(match[1]), 0);
    const taken = sumOf(/^vm_rows_inserted_total\{.*\} (\d+)$/gmu);
    if (sumOf(/^vm_rows\{type="storage\/(?:big|small|inmemory)"\} (\d+)$/gmu) >= taken) return;
    await pause(500);
  }
  throw new Error("VictoriaMetrics did not write all rows to its files within a minute");
}

async function untilMerged(url: string): Promise<void> {
  let quiet = 0;
  while (quiet < 3) {
    await pause(500);
    const metrics = (await ask(`${url}/metrics`)).toString("utf8");
    const active = [...metrics.matchAll(/^vm_active_merges\{.*\} (\d+)$/gmu)].reduce((sum, match) => sum + Number(match[1]), 0);
    quiet = active === 0 ? quiet + 1 : 0;
  }
}

function parseExport(body: Buffer): StoredPoints {
  const points: [number, number][] = [];
  for (const line of body.toString("utf8").split("\n")) {
    if (line === "") continue;
    const { values, timestamps } = JSON.parse(line) as { values: number[]; timestamps: number[] }; // its documented export format
    for (const [i, time] of timestamps.entries()) points.push([time / 1000, values[i] ?? Number.NaN]);
  }
  points.sort(([a], [b]) => a - b);
  return { times: points.map(([time]) => time), values: points.map(([, value]) => value) };
}
