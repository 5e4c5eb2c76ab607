import type { Agreement } from "./negotiation.ts";
import type { RtpPacket } from "./packet.ts";

/** Where a datagram came from. */
export interface Origin {
  readonly address: string;
  readonly port: number;
}

/** What a packet proves about its sender. */
export interface Worth {
  /** It carries a tag that only the other side can make (SRTP). */
  readonly isProven: boolean;
  /** Sound rather than a key or comfort noise: what everybody who takes part in a call sends. */
  readonly isSound: boolean;
}

/** A stranger is followed after this many packets of sound in a row: forged keys must not carry the call away. */
const packetsToFollow = 5;
/** Only when nothing came for so long may another source, or another port of the same phone, take its place. */
const silentAfter = 1000;

const isSame = (a: Origin | undefined, b: Origin): boolean => a?.port === b.port && a.address === b.address;

/**
 * Decides whose packets count: those from the agreed address, or, where media are followed to where they come from (symmetric RTP), from
 * the first that sends sensibly. From then on from nobody else, and from one SSRC: a stranger's packet would be a forged key press.
 */
export class Source {
  readonly #isSymmetric: boolean;
  #agreed: Origin | undefined;
  #followed: Origin | undefined;
  #candidate: { readonly origin: Origin; ssrc: number; sequence: number; count: number } | undefined;
  #ssrc: number | undefined;
  #lastAt = -Infinity;

  constructor(isSymmetric: boolean) {
    this.#isSymmetric = isSymmetric;
  }

  /** Where to send: where media come from, else where they were asked to go. */
  get target(): Origin | undefined {
    return this.#agreed && (this.#followed ?? this.#agreed);
  }

  /** Another address was agreed, or the same once more. */
  agree({ host, port }: Pick<Agreement, "host" | "port">): void {
    const agreed = host === undefined ? undefined : { address: host, port };
    if (agreed && isSame(this.#agreed, agreed)) return;
    if (agreed && this.#agreed) this.#forget();
    this.#agreed = agreed;
  }

  /** Whether a packet counts. @param at monotonic milliseconds */
  takes(origin: Origin, packet: RtpPacket, at: number, worth: Worth): boolean {
    if (!this.#isFollowed(origin, packet, at, worth)) return false;
    if (this.#ssrc !== packet.ssrc) {
      if (this.#ssrc !== undefined && at - this.#lastAt < silentAfter) return false;
      this.#ssrc = packet.ssrc;
    }
    this.#lastAt = at;
    return true;
  }

  #forget(): void {
    this.#followed = undefined;
    this.#candidate = undefined;
    this.#ssrc = undefined;
  }

  #isFollowed(origin: Origin, packet: RtpPacket, at: number, { isProven, isSound }: Worth): boolean {
    if (isSame(this.#followed, origin)) return true;
    if (!this.#agreed || (!this.#isSymmetric && !isSame(this.#agreed, origin))) return false;
    if (isSame(this.#agreed, origin)) {
      // Who answers at the address that was agreed has more right than whoever was followed.
      if (this.#followed) this.#ssrc = undefined;
    } else if (!isProven && !(isSound && this.#isWorthFollowing(origin, packet, at))) return false;
    this.#followed = origin;
    this.#candidate = undefined;
    return true;
  }

  #isWorthFollowing(origin: Origin, packet: RtpPacket, at: number): boolean {
    const isNeighbour = origin.address === (this.#followed ?? this.#agreed)?.address;
    if (this.#followed) return isNeighbour && packet.ssrc === this.#ssrc && at - this.#lastAt >= silentAfter;
    if (isNeighbour) return true;
    const last = this.#candidate;
    const goesOn = last && isSame(last.origin, origin) && last.ssrc === packet.ssrc && ((packet.sequence - last.sequence) & 0xff_ff) === 1;
    this.#candidate = { origin, ssrc: packet.ssrc, sequence: packet.sequence, count: goesOn ? last.count + 1 : 1 };
    return this.#candidate.count >= packetsToFollow;
  }
}
