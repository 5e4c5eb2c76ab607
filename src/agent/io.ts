import type { Clock } from "#base/clock";
import { SystemClock } from "#adapters/clock/system";

/** The part of an input stream that the agent uses: to notice its end, and to read one answer. */
export interface InputStream {
  readonly isTTY?: boolean;
  on(event: "data", listener: (chunk: unknown) => void): unknown;
  on(event: "end" | "close" | "error", listener: () => void): unknown;
  off(event: "data", listener: (chunk: unknown) => void): unknown;
  off(event: "end" | "close" | "error", listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export type AgentSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

/** What the agent has from the process that hosts it. Tests hand in their own. */
export interface AgentIo {
  /** Writes to standard output, newline included by the caller. */
  readonly out: (text: string) => void;
  /** Writes to standard error: the log. */
  readonly err: (text: string) => void;
  readonly stdin: InputStream;
  readonly clock: Clock;
  /** A number in [0, 1): spreads retries. */
  readonly random: () => number;
  /** Calls `listener` for each arriving `signal` until the returned function is called. */
  readonly onSignal: (signal: AgentSignal, listener: () => void) => () => void;
}

/** The real process. Who reads our output may be gone first (a killed parent, `| head`): that must not end the agent halfway. */
export function processIo(): AgentIo {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    stdin: process.stdin,
    clock: new SystemClock(),
    random: Math.random,
    onSignal: (signal, listener) => {
      process.on(signal, listener);
      return () => process.off(signal, listener);
    },
  };
}
