import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { HinobanError } from "#base/errors";
import { overLimit } from "#features/receivers";
import { serve, serveReceiver, type ReceiverAnswer, type ReceiverCall, type Served } from "#http";
import * as wire from "#wire/otlp";
import { encodingOf, failure, success } from "./answers.ts";
import { changeOtlpMapping } from "./change-mapping.ts";
import type { Otlp } from "./otlp.ts";
import { readJson } from "./read-json.ts";
import { readProtobuf } from "./read-protobuf.ts";
import { takeResources } from "./taking.ts";

const mostBytes = 16 * 1024 * 1024;
const mostInflatedBytes = 32 * 1024 * 1024;
const inflate = promisify(gunzip);

/** Serves OTLP over HTTP for metrics, and the own interface to its mapping. */
export async function registerOtlp(served: Served, otlp: Otlp): Promise<void> {
  await serveReceiver(
    served,
    {
      path: "/v1/metrics",
      needs: "metrics.post",
      bodyLimit: mostBytes,
      failure: (error, header) => failure(error, encodingOf(header("content-type")) ?? "json"),
    },
    (call) => receive(otlp, call),
  );
  serve(served, wire.getOtlpMapping, ({ actor }) => otlp.mappingOf(actor));
  serve(served, wire.changeOtlpMapping, ({ actor, body }) => changeOtlpMapping(otlp, actor, body));
  serve(served, wire.getOtlpReception, async ({ actor }) => {
    const { lastAt, ...counts } = otlp.reception(actor.organisationId);
    return { ...counts, ...(lastAt === undefined ? {} : { lastAt }), overLimit: await overLimit(otlp, actor, otlp.budget) };
  });
}

async function receive(otlp: Otlp, { actor, body, header }: ReceiverCall): Promise<ReceiverAnswer> {
  const encoding = encodingOf(header("content-type"));
  if (!encoding) {
    throw new HinobanError("unsupported-media-type", "Send metrics as application/x-protobuf or application/json.");
  }
  const plain = await inflated(body, header("content-encoding"));
  const resources = encoding === "json" ? readJson(plain) : readProtobuf(plain);
  const taken = await takeResources(otlp, actor, resources, await otlp.mappingOf(actor));
  const reception = otlp.reception(actor.organisationId);
  reception.requests += 1;
  reception.received += taken.received;
  reception.points += taken.points;
  for (const count of taken.rejected.values()) reception.rejected += count;
  reception.lastAt = otlp.clock.now();
  return success(taken, encoding);
}

/** The body as it was before it was compressed. @throws "unsupported-media-type", "too-large", "bad-request" */
async function inflated(body: Buffer, encoding: string): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === "" || name === "identity" || name === "none") return body;
  if (name !== "gzip") throw new HinobanError("unsupported-media-type", "Send the body with Content-Encoding: gzip, or without.");
  try {
    return await inflate(body, { maxOutputLength: mostInflatedBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new HinobanError("too-large", `Inflated, the body has more than ${mostInflatedBytes} bytes.`, {}, { cause: error });
    }
    throw new HinobanError("bad-request", "The body is not compressed with gzip, or was cut off.", {}, { cause: error });
  }
}
