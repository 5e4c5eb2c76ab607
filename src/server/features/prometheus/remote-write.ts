import { HinobanError } from "#base/errors";
import { serveReceiver, type ReceiverAnswer, type ReceiverCall, type Served } from "#http";
import type { Prometheus } from "./prometheus.ts";
import { readWriteRequest } from "./read-write-1.ts";
import { readRequest2, type SentCounts } from "./read-write-2.ts";
import { inflateSnappy } from "./snappy.ts";
import { takeSamples, type Taken } from "./taking.ts";
import { WriteSink } from "./write-sink.ts";

const mostBytes = 16 * 1024 * 1024;
const mostInflatedBytes = 64 * 1024 * 1024;

/**
 * Serves Prometheus's remote write, 1.0 and 2.0, where Prometheus itself has it. A sender tries again after 5xx and 429 and never after
 * another 4xx: see prometheus.io/docs/specs/remote_write_spec and …_2_0.
 */
export async function serveRemoteWrite(served: Served, prometheus: Prometheus): Promise<void> {
  await serveReceiver(
    served,
    { path: "/api/v1/write", needs: "metrics.post", bodyLimit: mostBytes, failure: (error) => text(error.status, error.message) },
    (call) => receive(prometheus, call),
  );
}

async function receive(prometheus: Prometheus, call: ReceiverCall): Promise<ReceiverAnswer> {
  const version = versionOf(call);
  const body = inflateSnappy(call.body, mostInflatedBytes);
  const plans = await prometheus.plansOf(call.actor);
  const sink = new WriteSink(plans);
  let sent: SentCounts | undefined;
  if (version === 2) sent = readRequest2(body, sink);
  else readWriteRequest(body, sink);
  const { registerHosts, seriesPerHost } = plans.mapping.settings;
  const { samples, empty, nameless } = sink;
  const taken = await takeSamples(prometheus, {
    actor: call.actor,
    kind: "prometheus",
    samples,
    mayRegister: registerHosts,
    seriesPerHost,
  });
  prometheus.countTaken(call.actor.organisationId, taken, { samples: samples.count + empty + nameless, empty, nameless });
  return answer(taken, nameless, sent);
}

/** Samples that can never be stored are told about with 400, after the others were stored: the sender must not send them again. */
function answer(taken: Taken, nameless: number, sent: SentCounts | undefined): ReceiverAnswer {
  const refused = taken.outOfTime + nameless;
  const headers = sent
    ? {
        "x-prometheus-remote-write-samples-written": String(Math.max(sent.samples - refused, 0)),
        "x-prometheus-remote-write-histograms-written": String(sent.histograms),
        "x-prometheus-remote-write-exemplars-written": "0",
      }
    : {};
  if (refused === 0) return { status: 204, headers };
  const problems = [
    ...(taken.outOfTime > 0 ? [`${taken.outOfTime} samples are more than a day away from this server's clock`] : []),
    ...(nameless > 0 ? [`${nameless} samples have no metric name`] : []),
  ];
  return { ...text(400, `${problems.join("; ")}. All others were stored.`), headers: { ...plain, ...headers } };
}

const plain = { "content-type": "text/plain; charset=utf-8" } as const;
const text = (status: number, message: string): ReceiverAnswer => ({ status, headers: plain, body: `${message}\n` });

/** @throws "unsupported-media-type" for anything but the two messages, compressed with Snappy */
function versionOf({ header }: ReceiverCall): 1 | 2 {
  const [type = "", ...parameters] = header("content-type")
    .split(";")
    .map((part) => part.trim());
  const message = parameters.find((one) => one.toLowerCase().startsWith("proto="))?.slice("proto=".length);
  const version =
    message === undefined || message === "prometheus.WriteRequest" ? 1 : message === "io.prometheus.write.v2.Request" ? 2 : undefined;
  if (type.toLowerCase() !== "application/x-protobuf" || version === undefined) {
    throw new HinobanError(
      "unsupported-media-type",
      "Send application/x-protobuf with proto=prometheus.WriteRequest or proto=io.prometheus.write.v2.Request.",
    );
  }
  if (header("content-encoding").toLowerCase() !== "snappy") {
    throw new HinobanError("unsupported-media-type", "Send the body with Content-Encoding: snappy.");
  }
  return version;
}
