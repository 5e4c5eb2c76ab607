import { fork, type ChildProcess } from "node:child_process";
import { Connection, rawPost } from "./connection.ts";
import { formatNamed, type Batch, type FormatName } from "./formats.ts";
import { Mix, type MixSpec } from "./mix.ts";

// A closed-loop load generator in a process of its own: each connection sends its next request when the answer to the one before is
// there. A benchmark's entry calls `serveLoad()` first of all when `isLoadProcess()`, because the same file is started again as the generator.

/** What to send. Plain data: it travels to the other process. */
export interface LoadSpec {
  readonly port: number;
  readonly format: FormatName;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mix: MixSpec;
  readonly hosts: readonly string[];
  /** Gives each host the label `role`: r0 for the first so many hosts, r1 for the next … */
  readonly hostsPerRole?: number;
  /** Unix seconds of the first minute of the mix. */
  readonly from: number;
  /** Minutes of the mix that were sent before. */
  readonly skip: number;
  readonly minutes: number;
  /** How many hosts and minutes share a request. An agent's post is one of each. */
  readonly hostsPerBody: number;
  readonly minutesPerBody: number;
  readonly connections: number;
  /** Lay all requests out before the clock starts (needs the memory), or each when its turn comes (costs CPU meanwhile). */
  readonly isPrebuilt: boolean;
}

export interface Prepared {
  readonly requests: number;
  readonly points: number;
  readonly bytes: number;
}

export interface LoadResult {
  /** Requests that were answered with success, and the points in them. */
  readonly requests: number;
  readonly points: number;
  readonly bytes: number;
  readonly wallMs: number;
  /** Milliseconds from the first byte sent to the last received. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How often each other status came, and what the first such answer said. */
  readonly failures: Readonly<Record<string, number>>;
  readonly firstFailure: string | undefined;
}

interface Request {
  readonly bytes: Buffer;
  readonly points: number;
}

/** The requests of a specification in their order: minute by minute, within it host by host. */
function* requestsOf(spec: LoadSpec): Generator<Request> {
  const format = formatNamed(spec.format);
  const mix = new Mix(spec.mix, spec.hosts.length);
  const metrics = mix.metrics.map(({ name }) => name);
  const roles = spec.hosts.map((_, h) => `r${Math.floor(h / (spec.hostsPerRole ?? 1))}`);
  const headers = { ...format.headers, ...spec.headers };
  mix.skip(spec.skip);
  for (let minute = spec.skip; minute < spec.skip + spec.minutes; minute += spec.minutesPerBody) {
    const width = Math.min(spec.minutesPerBody, spec.skip + spec.minutes - minute);
    const times = Array.from({ length: width }, (_, t) => spec.from + (minute + t) * 60);
    const values = new Float64Array(spec.hosts.length * metrics.length * width);
    for (let t = 0; t < width; t++) for (const [i, value] of mix.minute().entries()) values[i * width + t] = value;
    for (let h = 0; h < spec.hosts.length; h += spec.hostsPerBody) {
      const hosts = spec.hosts.slice(h, h + spec.hostsPerBody);
      const own = values.subarray(h * metrics.length * width, (h + hosts.length) * metrics.length * width);
      const batch: Batch = {
        hosts,
        metrics,
        times,
        values: own,
        ...(spec.hostsPerRole === undefined ? {} : { roles: roles.slice(h, h + hosts.length) }),
      };
      yield { bytes: rawPost(spec.port, format.path, headers, format.encode(batch)), points: own.length };
    }
  }
}

/** Counts what comes back. */
class Tally {
  requests = 0;
  points = 0;
  bytes = 0;
  readonly #latencies: number[] = [];
  readonly #failures: Record<string, number> = {};
  #firstFailure: string | undefined;

  add(request: Request, status: number, body: Buffer, tookMs: number): void {
    this.#latencies.push(tookMs);
    this.bytes += request.bytes.length;
    if (status >= 200 && status < 300) {
      this.requests += 1;
      this.points += request.points;
    } else {
      this.#failures[status] = (this.#failures[status] ?? 0) + 1;
      this.#firstFailure ??= body.toString("utf8").slice(0, 500);
    }
  }

  result(wallMs: number): LoadResult {
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const latency = { p50: at(0.5), p99: at(0.99), max: at(1) };
    return {
      requests: this.requests,
      points: this.points,
      bytes: this.bytes,
      wallMs,
      latency,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
    };
  }
}

async function sendAll(spec: LoadSpec, requests: Iterator<Request>): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: spec.connections }, () => Connection.open(spec.port)));
  const tally = new Tally();
  const begun = performance.now();
  const run = async (connection: Connection): Promise<void> => {
    for (let next = requests.next(); !next.done; next = requests.next()) {
      const sentAt = performance.now();
      const { status, body } = await connection.send(next.value.bytes);
      tally.add(next.value, status, body, performance.now() - sentAt);
    }
  };
  try {
    await Promise.all(connections.map(run));
    return tally.result(performance.now() - begun);
  } finally {
    for (const connection of connections) connection.close();
  }
}

type Order = { readonly type: "prepare"; readonly spec: LoadSpec } | { readonly type: "send" };
type Reply =
  | { readonly type: "prepared"; readonly prepared: Prepared }
  | { readonly type: "sent"; readonly result: LoadResult }
  | { readonly type: "failed"; readonly why: string };

const roleVariable = "HINOBAN_BENCH_ROLE";

/** Whether this process was started as a load generator. */
export const isLoadProcess = (): boolean => process.env[roleVariable] === "load";

/** Obeys the benchmark until it disconnects. */
export async function serveLoad(): Promise<void> {
  let spec: LoadSpec | undefined;
  let requests: Iterator<Request> = [][Symbol.iterator]();
  const answer = (reply: Reply): void => void process.send?.(reply);
  const obey = async (order: Order): Promise<void> => {
    if (order.type === "prepare") {
      spec = order.spec;
      const all = spec.isPrebuilt ? [...requestsOf(spec)] : [];
      requests = spec.isPrebuilt ? all[Symbol.iterator]() : requestsOf(spec);
      const sum = (of: (request: Request) => number): number => all.reduce((total, request) => total + of(request), 0);
      answer({
        type: "prepared",
        prepared: { requests: all.length, points: sum(({ points }) => points), bytes: sum(({ bytes }) => bytes.length) },
      });
    } else if (spec) {
      answer({ type: "sent", result: await sendAll(spec, requests) });
      requests = [][Symbol.iterator]();
    }
  };
  process.on("message", (order) => {
    obey(order as Order).catch((error: unknown) =>
      answer({ type: "failed", why: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    ); // only the parent writes here
  });
  await new Promise<void>((resolve) => void process.once("disconnect", resolve));
}

/** The load generator, seen from the benchmark. */
export class LoadGenerator {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(process.argv[1] ?? "", [], {
      env: { ...process.env, [roleVariable]: "load" },
      execArgv: ["--enable-source-maps", "--max-old-space-size=8192"],
      serialization: "advanced",
    });
  }

  #ask(order: Order): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error("the load generator ended"));
      this.#child.once("exit", gone);
      this.#child.once("message", (reply) => {
        this.#child.off("exit", gone);
        const known = reply as Reply; // only serveLoad writes here
        if (known.type === "failed") reject(new Error(known.why));
        else resolve(known);
      });
      this.#child.send(order);
    });
  }

  /** Lays the requests out. All figures are 0 unless the specification is prebuilt. */
  async prepare(spec: LoadSpec): Promise<Prepared> {
    const reply = await this.#ask({ type: "prepare", spec });
    if (reply.type !== "prepared") throw new Error(`the load generator answered ${reply.type}`);
    return reply.prepared;
  }

  /** Sends what was prepared. @throws when a connection breaks; refused requests are counted in the result. */
  async send(): Promise<LoadResult> {
    const reply = await this.#ask({ type: "send" });
    if (reply.type !== "sent") throw new Error(`the load generator answered ${reply.type}`);
    return reply.result;
  }

  /** Both, for data that only has to be there. @throws also when any request was refused. */
  async load(spec: LoadSpec): Promise<LoadResult> {
    await this.prepare(spec);
    const result = await this.send();
    if (Object.keys(result.failures).length > 0)
      throw new Error(`${spec.format} refused points: ${JSON.stringify(result.failures)} ${result.firstFailure ?? ""}`);
    return result;
  }

  stop(): void {
    this.#child.disconnect();
  }
}
