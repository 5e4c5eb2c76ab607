import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";

/** Bytes of an answer that are read, before and after inflating. */
const mostBytes = 1024 * 1024;

export interface Body {
  readonly body: Buffer;
  /** There is more than was read. */
  readonly isCut: boolean;
}

/** Reads an answer as far as it is looked at. @throws the stream's error when it breaks off */
export async function readBody(incoming: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = await inflated(incoming);
  // Neither stream has an encoding set: they give Buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk.subarray(0, mostBytes - size));
    size += chunk.length;
    if (size >= mostBytes) return { body: Buffer.concat(chunks), isCut: true };
  }
  return { body: Buffer.concat(chunks), isCut: false };
}

/** As it was before it was compressed: some compress without being asked. What is encoded in another way is taken as it is. */
async function inflated(incoming: IncomingMessage): Promise<AsyncIterable<unknown>> {
  const encoding = incoming.headers["content-encoding"]?.toLowerCase();
  if (encoding !== "gzip" && encoding !== "deflate" && encoding !== "br") return incoming;
  const zlib = await import("node:zlib");
  const inflater: Transform = encoding === "br" ? zlib.createBrotliDecompress() : zlib.createUnzip();
  incoming.on("error", (error) => inflater.destroy(error));
  return incoming.pipe(inflater);
}

/** The answer as text, in the encoding that it says it has: Japanese pages are not all UTF-8. */
export function bodyText(body: Buffer, contentType: string | undefined): string {
  const charset = /charset\s*=\s*"?([\w.:-]+)/iu.exec(contentType ?? "")?.[1];
  return decoderFor(charset).decode(body);
}

function decoderFor(charset: string | undefined): { decode(bytes: Buffer): string } {
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    return new TextDecoder("utf-8"); // an encoding that nobody knows
  }
}
