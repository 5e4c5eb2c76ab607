import { createCipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { payloadStart } from "./packet.ts";

export const srtpSuites = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"] as const;
export type SrtpSuite = (typeof srtpSuites)[number];

/** 16 bytes of key and 14 of salt. */
export const masterLength = 30;

interface SessionKeys {
  readonly cipher: Buffer;
  readonly salt: Buffer;
  readonly auth: Buffer;
}

const tagLengths: Readonly<Record<SrtpSuite, number>> = { AES_CM_128_HMAC_SHA1_80: 10, AES_CM_128_HMAC_SHA1_32: 4 };

/** AES in counter mode: the key stream for `iv`, xored over `bytes` (RFC 3711, section 4.1.1). */
function counterMode(key: Buffer, iv: Buffer, bytes: Uint8Array): Buffer {
  return createCipheriv("aes-128-ctr", key, iv).update(bytes);
}

/** Derives a session key with a derivation rate of 0 (RFC 3711, section 4.3). @param label 0 cipher, 1 authentication, 2 salt */
function derive(master: Buffer, label: number, length: number): Buffer {
  const iv = Buffer.alloc(16);
  master.copy(iv, 0, 16, masterLength);
  iv[7] = (iv[7] ?? 0) ^ label;
  return counterMode(master.subarray(0, 16), iv, Buffer.alloc(length));
}

/** The three keys of a direction. @param master 30 bytes: key and salt as SDP carries them */
export const sessionKeys = (master: Buffer): SessionKeys => ({
  cipher: derive(master, 0, 16),
  auth: derive(master, 1, 20),
  salt: derive(master, 2, 14),
});

/** Counter of the first block of a packet: salt, SSRC and the 48-bit index of the packet, each in its place. */
function ivOf(salt: Buffer, ssrc: number, rollover: number, sequence: number): Buffer {
  const iv = Buffer.alloc(16);
  salt.copy(iv);
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  iv.writeUInt32BE((iv.readUInt32BE(8) ^ rollover) >>> 0, 8);
  iv.writeUInt16BE(iv.readUInt16BE(12) ^ sequence, 12);
  return iv;
}

/** How far back packets are still taken, and noted so that none is taken twice. */
const windowSize = 128;

/** Which packets of a source were taken (RFC 3711, section 3.3.2). */
class ReplayWindow {
  #highest = -1;
  readonly #seen = new Set<number>();

  get highest(): number {
    return this.#highest;
  }

  isNew(index: number): boolean {
    return index > this.#highest - windowSize && !this.#seen.has(index);
  }

  note(index: number): void {
    this.#seen.add(index);
    if (index <= this.#highest) return;
    if (index - this.#highest >= windowSize) this.#seen.clear();
    else for (let gone = this.#highest - windowSize + 1; gone <= index - windowSize; gone += 1) this.#seen.delete(gone);
    this.#seen.add(index);
    this.#highest = index;
  }
}

const sequenceCount = 65_536;
const maxSources = 4;

/** One direction of SRTP: either protects what is sent or opens what comes. */
export class Srtp {
  readonly #keys: SessionKeys;
  readonly #tagLength: number;
  /** Per SSRC: a source that changes begins anew. */
  readonly #sources = new Map<number, ReplayWindow>();

  constructor(suite: SrtpSuite, master: Buffer) {
    this.#keys = sessionKeys(master);
    this.#tagLength = tagLengths[suite];
  }

  /** @param packet RTP of our own, sent in the order of its sequence numbers */
  protect(packet: Buffer): Buffer {
    const start = payloadStart(packet) ?? packet.length;
    const [ssrc, sequence] = [packet.readUInt32BE(8), packet.readUInt16BE(2)];
    const window = this.#windowOf(ssrc);
    const rollover = rolloverOf(window.highest, sequence);
    window.note(rollover * sequenceCount + sequence);
    const iv = ivOf(this.#keys.salt, ssrc, rollover, sequence);
    const sealed = Buffer.concat([packet.subarray(0, start), counterMode(this.#keys.cipher, iv, packet.subarray(start))]);
    return Buffer.concat([sealed, this.#tag(sealed, rollover)]);
  }

  /** The packet as plain RTP; undefined when it is no RTP, was changed on the way, comes from somebody without the key, or came before. */
  open(packet: Buffer): Buffer | undefined {
    const sealed = packet.subarray(0, Math.max(0, packet.length - this.#tagLength));
    const start = payloadStart(sealed);
    if (start === undefined) return undefined;
    const [ssrc, sequence] = [sealed.readUInt32BE(8), sealed.readUInt16BE(2)];
    const known = this.#sources.get(ssrc);
    const rollover = rolloverOf(known?.highest ?? -1, sequence);
    const index = rollover * sequenceCount + sequence;
    if (rollover < 0 || (known && !known.isNew(index))) return undefined;
    if (!timingSafeEqual(this.#tag(sealed, rollover), packet.subarray(packet.length - this.#tagLength))) return undefined;
    this.#windowOf(ssrc).note(index);
    const iv = ivOf(this.#keys.salt, ssrc, rollover, sequence);
    return Buffer.concat([sealed.subarray(0, start), counterMode(this.#keys.cipher, iv, sealed.subarray(start))]);
  }

  #tag(sealed: Buffer, rollover: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(rollover >>> 0);
    return createHmac("sha1", this.#keys.auth).update(sealed).update(count).digest().subarray(0, this.#tagLength);
  }

  #windowOf(ssrc: number): ReplayWindow {
    const known = this.#sources.get(ssrc);
    if (known) return known;
    const oldest = this.#sources.size >= maxSources ? this.#sources.keys().next().value : undefined;
    if (oldest !== undefined) this.#sources.delete(oldest);
    const made = new ReplayWindow();
    this.#sources.set(ssrc, made);
    return made;
  }
}

/** How often the sequence number had rolled over when this packet was sent, judged by the highest index so far (RFC 3711, appendix A). */
function rolloverOf(highest: number, sequence: number): number {
  if (highest < 0) return 0;
  const rollover = Math.floor(highest / sequenceCount);
  const last = highest % sequenceCount;
  if (last < 32_768) return sequence - last > 32_768 ? rollover - 1 : rollover;
  return last - 32_768 > sequence ? rollover + 1 : rollover;
}
