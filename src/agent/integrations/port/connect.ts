import { connect } from "node:net";
import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import { messageOf } from "#base/errors";

/** A port to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly usesTls: boolean;
  /** Name for SNI and for the certificate. */
  readonly serverName: string | undefined;
  readonly verifies: boolean;
  readonly within: Millis;
}

/** How connecting went. Milliseconds from the start; `tls` includes `tcp`. */
export type Connected =
  | { readonly kind: "open"; readonly tcp: number; readonly tls: number | undefined; readonly protocol: string | undefined }
  | { readonly kind: "refused"; readonly why: string };

/** Connects, shakes hands when that is wanted, and hangs up. */
export async function tryPort(target: Target, clock: Clock, signal: AbortSignal): Promise<Connected> {
  const { host, port, within } = target;
  const tls = target.usesTls ? await import("node:tls") : undefined; // costs memory, so only when needed
  return new Promise((resolve) => {
    const started = clock.mono();
    const passed = (): number => Math.round((clock.mono() - started) * 1000) / 1000;
    let tcp: number | undefined;
    const socket = tls
      ? tls.connect({ host, port, servername: target.serverName ?? (isAddress(host) ? "" : host), rejectUnauthorized: target.verifies })
      : connect({ host, port });
    const end = (outcome: Connected): void => {
      deadline.cancel();
      signal.removeEventListener("abort", stop);
      resolve(outcome);
      socket.destroy();
    };
    const late = (): void =>
      end({ kind: "refused", why: `${tcp === undefined ? "no connection" : "no handshake"} within ${within / 1000} s` });
    const stop = (): void => late();
    const deadline = clock.after("port.connect", within, late);
    signal.addEventListener("abort", stop, { once: true });
    socket.on("error", (error: NodeJS.ErrnoException) => end({ kind: "refused", why: sayWhy(error) }));
    socket.on("close", () => end({ kind: "refused", why: "the other side hung up" }));
    socket.on("connect", () => {
      tcp = passed();
      if (!tls) end({ kind: "open", tcp, tls: undefined, protocol: undefined });
    });
    socket.on("secureConnect", () => {
      const protocol = "getProtocol" in socket && typeof socket.getProtocol === "function" ? String(socket.getProtocol()) : undefined;
      end({ kind: "open", tcp: tcp ?? passed(), tls: passed(), protocol });
    });
    if (signal.aborted) stop();
  });
}

const isAddress = (host: string): boolean => /^[\d.]+$|:/u.test(host);

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nothing listens there",
  ECONNRESET: "the other side reset the connection",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "no answer",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name could not be looked up",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed; set verify = false if that is meant",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an unknown authority; set verify = false if that is meant",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate chain is incomplete or from an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** Node reports a host with several addresses as an AggregateError with an empty message. */
function sayWhy(error: NodeJS.ErrnoException): string {
  const known = reasons[error.code ?? ""];
  return known ?? (messageOf(error) || error.code || "connection failed").slice(0, 200);
}
