import { randomBytes } from "node:crypto";

/**
 * A first message of TLS 1.2 that any server of the last fifteen years can read (RFC 5246, 7.4.1.2), for looking at the bytes of the answer:
 * Node's own TLS keeps them to itself.
 * @param serverName left out when empty
 */
export function clientHello(serverName: string): Buffer {
  const name = Buffer.from(serverName, "ascii");
  const extensions = Buffer.concat([
    ...(name.length === 0 ? [] : [extension(0, sized(2, Buffer.concat([Buffer.from([0]), sized(2, name)])))]),
    extension(10, sized(2, Buffer.from([0, 29, 0, 23, 0, 24]))), // groups: X25519, P-256, P-384
    extension(11, sized(1, Buffer.from([0]))), // uncompressed points
    extension(13, sized(2, Buffer.from([4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 2, 1]))), // signatures
  ]);
  const suites = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035, 0x000a];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    randomBytes(32),
    sized(1, Buffer.alloc(0)), // no session
    sized(2, Buffer.concat(suites.map((suite) => Buffer.from([suite >> 8, suite & 255])))),
    sized(1, Buffer.from([0])), // no compression
    sized(2, extensions),
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)]);
  return Buffer.concat([Buffer.from([22, 3, 1]), sized(2, message)]);
}

function sized(bytes: number, content: Buffer): Buffer {
  const length = Buffer.alloc(bytes);
  length.writeUIntBE(content.length, 0, bytes);
  return Buffer.concat([length, content]);
}

const extension = (type: number, content: Buffer): Buffer => Buffer.concat([Buffer.from([type >> 8, type & 255]), sized(2, content)]);
