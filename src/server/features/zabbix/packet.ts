import { promisify } from "node:util";
import { inflate, inflateSync } from "node:zlib";
import { HinobanError } from "#base/errors";

/** `ZBXD`, flags, and two 32-bit lengths. */
export const headerBytes = 13;

/** Largest packet, as it travels and inflated. The vendor's limit is 1 GB; an agent's whole buffer of 65,535 values stays below 16 MB. */
export const mostPacketBytes = 16 * 1024 * 1024;

/** Bodies up to this size are inflated at once: handing them to a thread would cost more. */
const smallBody = 64 * 1024;

const flag = { protocol: 0x01, compressed: 0x02, large: 0x04 } as const;

export interface PacketHeader {
  readonly isCompressed: boolean;
  /** Bytes that follow the header. */
  readonly length: number;
  /** Length of the text when it was compressed. */
  readonly inflatedLength: number;
}

const refuse = (message: string): HinobanError => new HinobanError("bad-request", message);

/**
 * Reads the header of a packet, https://www.zabbix.com/documentation/6.0/en/manual/appendix/protocols/header_datalen.
 * Large packets (64-bit lengths) are for the configuration of proxies only, and are refused.
 * @throws "bad-request" for anything but a Zabbix header, "too-large" for lengths beyond {@link mostPacketBytes}
 */
export function readHeader(bytes: Buffer): PacketHeader {
  if (bytes.length < headerBytes || bytes.toString("latin1", 0, 4) !== "ZBXD") throw refuse("This is no Zabbix packet.");
  const flags = bytes.readUInt8(4);
  if ((flags & flag.large) !== 0) throw refuse("Large packets are not accepted.");
  if ((flags & flag.protocol) === 0 || (flags & ~(flag.protocol | flag.compressed)) !== 0) {
    throw refuse(`The packet's flags 0x${flags.toString(16)} are not known.`);
  }
  const isCompressed = (flags & flag.compressed) !== 0;
  const length = bytes.readUInt32LE(5);
  const inflatedLength = isCompressed ? bytes.readUInt32LE(9) : length;
  const longest = Math.max(length, inflatedLength);
  if (longest > mostPacketBytes) {
    throw new HinobanError("too-large", `A packet may have ${mostPacketBytes} bytes, but this one has ${longest}.`);
  }
  return { isCompressed, length, inflatedLength };
}

const inflateLater = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate);

/**
 * The text of a packet, inflated when it was compressed. Never makes more bytes than the header announced.
 * @throws "bad-request" when the body does not fit its header
 */
export async function readBody(header: PacketHeader, body: Buffer): Promise<string> {
  if (!header.isCompressed || header.inflatedLength <= smallBody) return readBodyNow(header, body);
  checkLength(header, body);
  return textOf(
    header,
    await inflateLater(body, limitOf(header)).catch((error: unknown) => {
      throw notInflated(error);
    }),
  );
}

/** The same on the spot. */
export function readBodyNow(header: PacketHeader, body: Buffer): string {
  checkLength(header, body);
  if (!header.isCompressed) return body.toString("utf8");
  try {
    return textOf(header, inflateSync(body, limitOf(header)));
  } catch (error) {
    throw error instanceof HinobanError ? error : notInflated(error);
  }
}

/** zlib takes no limit of 0. */
const limitOf = ({ inflatedLength }: PacketHeader): { maxOutputLength: number } => ({ maxOutputLength: Math.max(inflatedLength, 1) });

const notInflated = (cause: unknown): HinobanError =>
  new HinobanError("bad-request", "The packet cannot be inflated to the announced length.", {}, { cause });

function checkLength(header: PacketHeader, body: Buffer): void {
  if (body.length !== header.length) throw refuse(`The packet announced ${header.length} bytes, but has ${body.length}.`);
}

function textOf(header: PacketHeader, text: Buffer): string {
  if (text.length !== header.inflatedLength) {
    throw refuse(`The packet announced ${header.inflatedLength} bytes of text, but holds ${text.length}.`);
  }
  return text.toString("utf8");
}

/** An answer as it travels: plain, which every client takes. */
export function encodePacket(answer: object): Buffer {
  const body = Buffer.from(JSON.stringify(answer), "utf8");
  const packet = Buffer.allocUnsafe(headerBytes + body.length);
  packet.write("ZBXD", 0, "latin1");
  packet.writeUInt8(flag.protocol, 4);
  packet.writeUInt32LE(body.length, 5);
  packet.writeUInt32LE(0, 9);
  body.copy(packet, headerBytes);
  return packet;
}
