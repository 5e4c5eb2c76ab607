import { labelBytes, WriteRequestBuilder } from "./remote-write.ts";

/** Points that travel in one request: every metric of some hosts at some minutes. */
export interface Batch {
  /** Names of the hosts: Hinoban's ids, and the label `host` for the others. */
  readonly hosts: readonly string[];
  /** Label `role` of each host, when roles are asked for by the peers. */
  readonly roles?: readonly string[];
  /** In Mackerel's style. */
  readonly metrics: readonly string[];
  /** Unix seconds. */
  readonly times: readonly number[];
  /** The value of metric m of host h at time t lies at `(h * metrics.length + m) * times.length + t`. */
  readonly values: Float64Array;
}

/** How points are written to somebody. */
export interface WireFormat {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  encode(batch: Batch): Buffer;
}

/** A metric's name as PromQL takes it unquoted. One that ends in `_total` would be a counter by convention, which none of ours is. */
export const promName = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_:]/gu, "_").replace(/_total$/u, "_whole");

function forEachSeries(batch: Batch, visit: (host: number, metric: number, valuesAt: number) => void): void {
  const width = batch.times.length;
  for (let h = 0; h < batch.hosts.length; h++) {
    for (let m = 0; m < batch.metrics.length; m++) visit(h, m, (h * batch.metrics.length + m) * width);
  }
}

function remembered(make: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
}

const promNameOf = remembered(promName);

/** What an agent posts to `/api/v0/tsdb`. */
function hinoban(): WireFormat {
  const nameOf = remembered((name) => JSON.stringify(name));
  return {
    path: "/api/v0/tsdb",
    headers: { "content-type": "application/json" },
    encode: (batch) => {
      const parts: string[] = [];
      forEachSeries(batch, (h, m, at) => {
        for (const [t, time] of batch.times.entries()) {
          parts.push(
            `{"hostId":"${batch.hosts[h] ?? ""}","name":${nameOf(batch.metrics[m] ?? "")},"time":${time},"value":${batch.values[at + t] ?? 0}}`,
          );
        }
      });
      return Buffer.from(`[${parts.join(",")}]`);
    },
  };
}

/** VictoriaMetrics' own JSON lines: one line per series. */
function vmImport(): WireFormat {
  return {
    path: "/api/v1/import",
    headers: { "content-type": "application/json" },
    encode: (batch) => {
      const lines: string[] = [];
      const times = batch.times.map((time) => time * 1000).join(",");
      forEachSeries(batch, (h, m, at) => {
        const role = batch.roles ? `,"role":"${batch.roles[h] ?? ""}"` : "";
        const values = batch.values.subarray(at, at + batch.times.length).join(",");
        lines.push(
          `{"metric":{"__name__":"${promNameOf(batch.metrics[m] ?? "")}","host":"${batch.hosts[h] ?? ""}"${role}},"values":[${values}],"timestamps":[${times}]}\n`,
        );
      });
      return Buffer.from(lines.join(""));
    },
  };
}

/** InfluxDB's line protocol, one line for all metrics of a host and minute: the host is written once for all of them. */
function influx(): WireFormat {
  return {
    path: "/write?precision=ms",
    headers: { "content-type": "text/plain" },
    encode: (batch) => {
      const lines: string[] = [];
      const width = batch.times.length;
      for (const [h, host] of batch.hosts.entries()) {
        const role = batch.roles ? `,role=${batch.roles[h] ?? ""}` : "";
        for (const [t, time] of batch.times.entries()) {
          const fields = batch.metrics.map(
            (name, m) => `${promNameOf(name)}=${batch.values[(h * batch.metrics.length + m) * width + t] ?? 0}`,
          );
          lines.push(`m,host=${host}${role} ${fields.join(",")} ${time * 1000}\n`);
        }
      }
      return Buffer.from(lines.join(""));
    },
  };
}

function remoteWrite(): WireFormat {
  const labels = new Map<string, Buffer>();
  const request = new WriteRequestBuilder();
  return {
    path: "/api/v1/write",
    headers: { "content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0" },
    encode: (batch) => {
      forEachSeries(batch, (h, m, at) => {
        const key = `${h}/${batch.hosts[h] ?? ""}/${batch.metrics[m] ?? ""}`;
        const known = labels.get(key) ?? labelBytes(labelsOf(batch, h, m));
        labels.set(key, known);
        request.series(known);
        for (const [t, time] of batch.times.entries()) request.sample(batch.values[at + t] ?? 0, time * 1000);
      });
      return request.finish();
    },
  };
}

function labelsOf(batch: Batch, h: number, m: number): Record<string, string> {
  const role = batch.roles?.[h];
  return { __name__: promName(batch.metrics[m] ?? ""), host: batch.hosts[h] ?? "", ...(role === undefined ? {} : { role }) };
}

/** OpenTelemetry's metrics as JSON: one resource for each host, a gauge for each metric. */
function otlp(): WireFormat {
  return {
    path: "/v1/metrics",
    headers: { "content-type": "application/json" },
    encode: (batch) => {
      const width = batch.times.length;
      const nanos = batch.times.map((time) => `${time}000000000`);
      const resourceMetrics = batch.hosts.map((host, h) => ({
        resource: { attributes: [{ key: "host.name", value: { stringValue: host } }] },
        scopeMetrics: [
          {
            metrics: batch.metrics.map((name, m) => {
              const at = (h * batch.metrics.length + m) * width;
              const dataPoints = nanos.map((timeUnixNano, t) => ({ timeUnixNano, asDouble: batch.values[at + t] ?? 0 }));
              return { name: promNameOf(name), gauge: { dataPoints } };
            }),
          },
        ],
      }));
      return Buffer.from(JSON.stringify({ resourceMetrics }));
    },
  };
}

const formats = { otlp, hinoban, "vm-import": vmImport, influx, "remote-write": remoteWrite };

export type FormatName = keyof typeof formats;

/** A format's encoder, with memory of its own for what repeats from batch to batch. */
export const formatNamed = (name: FormatName): WireFormat => formats[name]();
