/** A packet of RTP (RFC 3550, section 5.1). */
export interface RtpPacket {
  readonly type: number;
  readonly isMarked: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export const rtpHeaderLength = 12;
/** Samples of 20 ms at 8 kHz. */
export const frameSamples = 160;
export const frameMillis = 20;

/** Where the payload begins, or undefined when these bytes are no RTP: too short, another version, RTCP on the same port (RFC 5761). */
export function payloadStart(bytes: Buffer): number | undefined {
  const first = bytes[0];
  const second = bytes[1];
  if (bytes.length < rtpHeaderLength || first === undefined || second === undefined || first >> 6 !== 2) return undefined;
  if (second >= 192 && second <= 223) return undefined;
  let start = rtpHeaderLength + (first & 15) * 4;
  if ((first & 0x10) !== 0) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  return start <= bytes.length ? start : undefined;
}

/** Reads a packet; undefined for anything that is none. The payload is a view of `bytes`. */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  const start = payloadStart(bytes);
  if (start === undefined) return undefined;
  const padding = ((bytes[0] ?? 0) & 0x20) === 0 ? 0 : (bytes.at(-1) ?? 0);
  const isPadded = ((bytes[0] ?? 0) & 0x20) !== 0;
  if ((isPadded && padding === 0) || start + padding > bytes.length) return undefined;
  const second = bytes[1] ?? 0;
  return {
    type: second & 0x7f,
    isMarked: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, bytes.length - padding),
  };
}

/** A packet without extensions, padding or contributors. */
export function formatRtp(packet: Omit<RtpPacket, "payload"> & { readonly payload: Uint8Array }): Buffer {
  const bytes = Buffer.allocUnsafe(rtpHeaderLength + packet.payload.length);
  bytes[0] = 0x80;
  bytes[1] = packet.type | (packet.isMarked ? 0x80 : 0);
  bytes.writeUInt16BE(packet.sequence, 2);
  bytes.writeUInt32BE(packet.timestamp, 4);
  bytes.writeUInt32BE(packet.ssrc, 8);
  bytes.set(packet.payload, rtpHeaderLength);
  return bytes;
}
