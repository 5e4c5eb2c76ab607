/** `name=value` lines as a list; undefined when a line is none or a name comes twice. */
export function pairsOf(text: string): { name: string; value: string }[] | undefined {
  const pairs: { name: string; value: string }[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    if (at < 1 || name === "" || pairs.some((pair) => pair.name === name)) return undefined;
    pairs.push({ name, value: line.slice(at + 1).trim() });
  }
  return pairs;
}

export const linesOf = (pairs: readonly { readonly name: string; readonly value: string }[]): string =>
  pairs.map(({ name, value }) => `${name}=${value}`).join("\n");

/** Words parted by blanks or commas, each once. */
export const wordsOf = (text: string): string[] => [...new Set(text.split(/[\s,]+/u).filter((word) => word !== ""))];

/** Lines of prometheus.yml. */
export const prometheusLines = (origin: string, key: string): string =>
  ["remote_write:", `  - url: ${origin}/api/v1/write`, "    authorization:", "      type: Bearer", `      credentials: ${key}`].join("\n");

/** Environment of a program with an OpenTelemetry SDK. */
export const sdkLines = (origin: string, key: string): string =>
  [
    `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=${origin}/v1/metrics`,
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf",
    `OTEL_EXPORTER_OTLP_METRICS_HEADERS=x-api-key=${key}`,
    "OTEL_METRICS_EXPORTER=otlp",
  ].join("\n");

/** Lines of a Collector's configuration that sends its host's metrics. */
export const collectorLines = (origin: string, key: string): string =>
  [
    "receivers:",
    "  hostmetrics:",
    "    collection_interval: 60s",
    "    scrapers: { cpu: {}, load: {}, memory: {}, paging: {}, disk: {}, filesystem: {}, network: {} }",
    "processors:",
    "  resourcedetection: { detectors: [system] }",
    "exporters:",
    "  otlphttp:",
    `    metrics_endpoint: ${origin}/v1/metrics`,
    `    headers: { x-api-key: ${key} }`,
    "service:",
    "  pipelines:",
    "    metrics: { receivers: [hostmetrics], processors: [resourcedetection], exporters: [otlphttp] }",
  ].join("\n");
