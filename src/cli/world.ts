import type { Clock } from "#base/clock";
import type { Environment } from "./config.ts";

/** Something that text is written to: a stream of the process, or a test's list. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The process around a command, so that tests can be one. */
export interface World {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Files are written and read from here. */
  readonly cwd: string;
}
