import type { Clock } from "#base/clock";
import { StreamTransport } from "./stream.ts";
import type { Transport, TransportKind, TransportListener } from "./transport.ts";
import { UdpTransport } from "./udp.ts";

export interface Socketry {
  readonly clock: Clock;
  readonly kind: TransportKind;
  readonly family: 4 | 6;
  readonly host?: string;
  readonly port?: number;
  readonly authorities?: readonly string[];
  readonly verifiesTls: boolean;
  readonly accepts: (address: string) => boolean;
}

export type OpenTransport = (socketry: Socketry, listener: TransportListener) => Promise<Transport>;

/** @throws HinobanError "unavailable" when the port is taken */
export const openTransport: OpenTransport = ({ kind, family, ...options }, listener) =>
  kind === "udp" ? UdpTransport.open({ family, ...options }, listener) : StreamTransport.open({ kind, ...options }, listener);
