import { connect, type Socket } from "node:net";
import { deflateSync } from "node:zlib";

/** What came back over one connection. */
export interface Exchange {
  /** The answer; undefined when the connection ended without one. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look into many shapes
  readonly answer: any;
  readonly bytes: Buffer;
}

export interface PacketParts {
  readonly flags?: number;
  /** Instead of the true ones. */
  readonly length?: number;
  readonly reserved?: number;
  readonly magic?: string;
}

/** A packet as agents send it; compressed when the flags say so. */
export function packetOf(message: unknown, { flags = 1, length, reserved, magic = "ZBXD" }: PacketParts = {}): Buffer {
  const text = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
  const body = (flags & 2) === 0 ? text : deflateSync(text);
  const header = Buffer.alloc(13);
  header.write(magic, "latin1");
  header.writeUInt8(flags, 4);
  header.writeUInt32LE(length ?? body.length, 5);
  header.writeUInt32LE(reserved ?? ((flags & 2) === 0 ? 0 : text.length), 9);
  return Buffer.concat([header, body]);
}

/** Sends bytes to the port and waits until the server closes. */
export function exchange(port: number, bytes: Buffer): Promise<Exchange> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      const all = Buffer.concat(chunks);
      resolve({ bytes: all, answer: all.length > 13 ? JSON.parse(all.toString("utf8", 13)) : undefined });
    });
    socket.write(bytes);
  });
}

/** Asks as an agent would. */
export const ask = async (port: number, message: unknown, parts: PacketParts = {}): Promise<Exchange["answer"]> =>
  (await exchange(port, packetOf(message, parts))).answer;

/** A connection that only says what it is told to. */
export function open(port: number): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    const closed = new Promise<void>((done) => {
      socket.once("close", () => done());
    });
    socket.on("error", () => undefined);
    socket.once("error", reject);
    socket.once("connect", () => resolve({ socket, closed }));
    socket.resume();
  });
}
