import type { Clock } from "#base/clock";
import type { AddressRules } from "#base/ip-networks";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { TrustStore } from "./handshake.ts";
import type { Names, Target } from "./names.ts";
import type { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";

/** What the probes have in common. */
export interface Ground {
  readonly clock: Clock;
  readonly names: Names;
  readonly rules: AddressRules;
  readonly trust: TrustStore;
  readonly userAgent: string;
}

/** What was found so far; a probe that fails keeps what it saw. */
export interface Findings extends Partial<Omit<ProbeOutcome, "verdict" | "steps" | "message" | "millis">> {
  /** The connection that the probe is about, for what the other side said first. */
  wire?: Wire | undefined;
}

/** How a probe ended well. */
export interface Answered {
  readonly message: string;
  /** When it is another time than the probe's own. */
  readonly millis?: number;
}

/** How somebody goes a way who wants to know where it ends. */
export interface Way {
  readonly ground: Ground;
  readonly trace: Trace;
  readonly findings: Findings;
  readonly target: Target;
  readonly port: number;
  readonly serverName: string;
}
