import { PbfWriter } from "pbf";
import type { HinobanError } from "#base/errors";
import type { ReceiverAnswer } from "#http";
import type { Taken } from "./taking.ts";

/** The two encodings of OTLP over HTTP; an answer comes in that of its request. */
export type Encoding = "protobuf" | "json";

const contentType = { protobuf: "application/x-protobuf", json: "application/json" } as const;

/** The encoding of a request; undefined for any other content type. */
export function encodingOf(header: string): Encoding | undefined {
  const type = header.split(";")[0]?.trim().toLowerCase();
  if (type === contentType.protobuf) return "protobuf";
  return type === contentType.json ? "json" : undefined;
}

/** google.rpc.Code of an HTTP status. */
const rpcCodes: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14 };
const unknownCode = 2;

/**
 * An error as `google.rpc.Status`. What is our own fault becomes 503: senders try again after 429, 502, 503 and 504, and after no other
 * status (opentelemetry.io/docs/specs/otlp, "Failures").
 */
export function failure(error: HinobanError, encoding: Encoding): ReceiverAnswer {
  const status = error.status >= 500 ? 503 : error.status;
  const code = rpcCodes[status] ?? unknownCode;
  const body = encoding === "json" ? jsonOf({ code, message: error.message }) : encodedStatus(code, error.message);
  return {
    status,
    headers: { "content-type": contentType[encoding], ...(status === 503 || status === 429 ? { "retry-after": "5" } : {}) },
    body,
  };
}

/** As bytes: to text the server would add a charset, which JSON has none of and the protocol does not know. */
const jsonOf = (value: object): Buffer => Buffer.from(JSON.stringify(value), "utf8");

function encodedStatus(code: number, message: string): Buffer {
  const writer = new PbfWriter();
  writer.writeTag(1, 0);
  writer.writeVarint(code);
  writer.writeTag(2, 2);
  writer.writeString(message);
  return Buffer.from(writer.finish());
}

/** `ExportMetricsServiceResponse`: empty when all was taken, else how many points were not, and why. */
export function success({ rejected }: Taken, encoding: Encoding): ReceiverAnswer {
  const headers = { "content-type": contentType[encoding] };
  const count = [...rejected.values()].reduce((sum, one) => sum + one, 0);
  const message = [...rejected].map(([reason, points]) => `${points} points were not kept: ${reason}`).join("; ");
  if (encoding === "json") {
    const body = count === 0 ? {} : { partialSuccess: { rejectedDataPoints: String(count), errorMessage: message } };
    return { status: 200, headers, body: jsonOf(body) };
  }
  if (count === 0) return { status: 200, headers, body: Buffer.alloc(0) };
  const writer = new PbfWriter();
  writer.writeMessage(
    1,
    (text: string, inner) => {
      inner.writeTag(1, 0);
      inner.writeVarint(count);
      inner.writeTag(2, 2);
      inner.writeString(text);
    },
    message,
  );
  return { status: 200, headers, body: Buffer.from(writer.finish()) };
}
