import type { FormatName } from "../formats.ts";
import type { Daemon } from "../processes.ts";

/** Another time series database on this machine, fresh and empty, for one run. */
export interface Peer {
  readonly name: string;
  /** Of its Debian package. */
  readonly version: string;
  readonly port: number;
  readonly daemon: Daemon;
  readonly formats: readonly FormatName[];
  /** Makes everything that was acknowledged visible to queries. */
  readonly flush: () => Promise<void>;
  /** Flushes and merges as far as it ever will by itself, then measures the bytes on disk, index included. */
  bytesOnDisk(): Promise<number>;
  /** PromQL over a range. Answers the body as it came: what a client would have to read. */
  queryRange(query: RangeQuery): Promise<Buffer>;
  /** Every stored point of one series, exactly. */
  readonly stored: (name: string, host: string, from: number, to: number) => Promise<StoredPoints>;
  /** Stops the process; its files stay. */
  readonly stop: () => Promise<void>;
}

export interface RangeQuery {
  readonly expression: string;
  /** Unix seconds, both inclusive. */
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly step: number;
}

export interface StoredPoints {
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface PeerOptions {
  /** An empty folder for its files. */
  readonly directory: string;
}

/** Asks and gives the body. @throws when the answer is no success. */
export async function ask(url: string, init: RequestInit = {}): Promise<Buffer> {
  const response = await fetch(url, init);
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${url}: ${response.status} ${body.toString("utf8").slice(0, 500)}`);
  return body;
}

/** A form, which has room for long expressions. */
export function form(values: Readonly<Record<string, string | number>>): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(Object.entries(values).map(([name, value]): [string, string] => [name, String(value)])),
  };
}
