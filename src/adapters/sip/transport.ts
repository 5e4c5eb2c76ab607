import type { Millis } from "#base/duration";

/** How messages travel. */
export type TransportKind = "udp" | "tcp" | "tls";

/** Address (not name) and port of somebody. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Where requests of a line are sent. */
export interface Hop extends Peer {
  /** What its certificate must be for; absent where only an address is known. */
  readonly name?: string;
}

export interface TransportListener {
  message(bytes: Buffer, from: Peer): void;
  /** A connection is gone; what was asked over it is not answered any more. Nothing of that kind happens over UDP. */
  lost(peer: Peer, problem: string): void;
}

/** A socket that speaks SIP. Whatever arrives is handed to the listener as it is. */
export interface Transport {
  readonly kind: TransportKind;
  /** Nothing gets lost on its way unless the connection does (RFC 3261 17). */
  readonly isReliable: boolean;
  /** Our own address and port as `hop` sees them without translation; opens the connection where there is one. @throws HinobanError "unavailable" */
  localFor(hop: Hop): Promise<{ readonly host: string; readonly port: number }>;
  /** @throws HinobanError "unavailable" when it cannot leave */
  send(bytes: Buffer, to: Hop): Promise<void>;
  /** Whether there is a connection to `hop` over which nothing has come after `since`, by the monotonic clock. */
  isQuiet(hop: Hop, since: Millis): boolean;
  /** Lets the connection to `hop` go, as one that is dead: the next request opens another. */
  reset(hop: Hop, problem: string): void;
  /** Whether a machine answered that nobody listens there (ICMP). */
  isRefused(hop: Hop): Promise<boolean>;
  close(): Promise<void>;
}

export const samePeer = (one: Peer, other: Peer): boolean => one.port === other.port && one.address === other.address;

/** IPv4 addresses that came in through an IPv6 socket, as IPv4. */
export const plainAddress = (address: string): string => (/^::ffff:\d+\./iu.test(address) ? address.slice(7) : address).toLowerCase();
