import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FixtureReader } from "#test/agent/fixture-reader";
import { damaged, neverAborted, optionsOf, repeatable, sectionOf } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import type { Integration } from "../integration.ts";
import { prometheusScrape } from "./index.ts";
import { takeSamples, type Selection } from "./samples.ts";

const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3
# TYPE queue_length gauge
queue_length 7
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 3
latency_seconds_bucket{le="+Inf"} 5
latency_seconds_sum 1.5
latency_seconds_count 5
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.99"} NaN
rpc_seconds{quantile="0.5"} 4773
rpc_seconds_sum 17560
jobs_total 12
temperature{room="会議室 1"} -3.5
`;
const all: Selection = { prefix: "custom.prometheus.app", isWanted: () => true, takesBuckets: false, most: 500 };

describe("samples", () => {
  test("get names from metric and label values; what only grows is a counter", () => {
    expect(takeSamples(text, all)).toEqual({
      counters: {
        "custom.prometheus.app.http_requests_total.200_post": 1027,
        "custom.prometheus.app.http_requests_total.400_post": 3,
        "custom.prometheus.app.latency_seconds_sum.value": 1.5,
        "custom.prometheus.app.latency_seconds_count.value": 5,
        "custom.prometheus.app.rpc_seconds_sum.value": 17_560,
        "custom.prometheus.app.jobs_total.value": 12,
      },
      gauges: {
        "custom.prometheus.app.queue_length.value": 7,
        "custom.prometheus.app.rpc_seconds.0_5": 4773,
        "custom.prometheus.app.temperature.____1": -3.5,
      },
      samples: 12,
      leftOut: 0,
      same: 0,
    });
  });

  test("buckets come when they are asked for, filters choose by the metric's name, and the limit is kept", () => {
    expect(takeSamples(text, { ...all, takesBuckets: true }).counters).toHaveProperty(
      ["custom.prometheus.app.latency_seconds_bucket.0_1"],
      3,
    );
    expect(Object.keys(takeSamples(text, { ...all, isWanted: (name) => name === "jobs_total" }).counters)).toHaveLength(1);
    expect(takeSamples(text, { ...all, most: 2 }).leftOut).toBe(7);
    expect(takeSamples('a{x="/b"} 1\na{x="_b"} 2\n', all)).toMatchObject({ same: 1, gauges: { "custom.prometheus.app.a._b": 1 } });
  });

  test("200,000 damaged expositions are read or refused, and names stay names", () => {
    const random = repeatable(29);
    for (let round = 0; round < 200_000; round += 1) {
      try {
        const { gauges, counters } = takeSamples(damaged(text, random), all);
        for (const [name, value] of [...Object.entries(gauges), ...Object.entries(counters)])
          if (!/^custom(?:\.[\w-]+)+$/u.test(name) || !Number.isFinite(value)) throw new Error(name);
      } catch (error) {
        if (!(error instanceof HinobanError)) throw error;
      }
    }
  });
});

describe("the integration", () => {
  let server: Server;
  let url: string;
  let body: string;
  let accepted: string | undefined;
  beforeEach(async () => {
    body = text;
    server = createServer((request, reply) => {
      accepted = request.headers.accept;
      if (request.url !== "/metrics" || request.headers.authorization !== `Basic ${Buffer.from("u:p").toString("base64")}`)
        reply.writeHead(401);
      reply.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/metrics`;
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const make = (values: Readonly<Record<string, unknown>>, clock = new FakeClock()): Integration => {
    const options = { url, user: "u", password: "p", ...values };
    const deps = { clock, reader: new FixtureReader(), platform: "linux", stateFolder: () => Promise.reject(new Error("none")), log };
    return prometheusScrape(optionsOf(options, "prometheus-scrape.app"), deps, sectionOf("prometheus-scrape.app", options));
  };

  test("gives gauges at once and counters as rates from the second scrape on", async () => {
    const clock = new FakeClock();
    const integration = make({ include: ["^http_", "^queue_"] }, clock);
    const first = await integration.collect(neverAborted());
    expect(first).toEqual({
      metrics: { "custom.prometheus.app.queue_length.value": 7 },
      checks: [{ name: "prometheus-scrape.app", status: "OK", message: "3 metrics of 12 samples" }],
    });
    expect(accepted).toContain("text/plain;version=0.0.4");
    await clock.advance(seconds(60));
    body = text.replace("1027", "1627");
    expect((await integration.collect(neverAborted())).metrics).toMatchObject({ "custom.prometheus.app.http_requests_total.200_post": 10 });
  });

  test("tells what is wrong: the limit, the password, the page, the answer's length, nobody there", async () => {
    expect((await make({ most_metrics: 2 }).collect(neverAborted())).checks?.[0]).toMatchObject({
      status: "WARNING",
      message: expect.stringContaining("7 metrics beyond the limit of 2"),
    });
    await expect(make({ password: "wrong" }).collect(neverAborted())).rejects.toThrow("another user or password (HTTP 401)");
    body = "<html><body>hello</body></html>";
    await expect(make({}).collect(neverAborted())).rejects.toThrow(HinobanError);
    body = "a 1\n".repeat(300_000);
    await expect(make({}).collect(neverAborted())).rejects.toThrow("longer than 1 MiB");
    await expect(make({ url: "http://127.0.0.1:1/metrics" }).collect(neverAborted())).rejects.toThrow(/Cannot reach|ECONNREFUSED/u);
  });

  test("wrong options are told with their lines", () => {
    expect(() => make({ url: "ftp://x", include: ["("], prefix: "a.b" })).toThrow(/line 2, .*http:\/\/.*include.*prefix/su);
  });
});
