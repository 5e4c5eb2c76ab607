import type { Clock } from "#base/clock";
import { seconds, type Millis, type UnixSeconds } from "#base/duration";
import type { CheckResult } from "../checks/check.ts";
import type { MetricValues } from "../collectors/collector.ts";
import type { JsonObject } from "../json.ts";
import type { Log } from "../log.ts";
import type { SystemReader } from "../system.ts";
import type { Options } from "./options.ts";

/*
 * An integration watches one program on this machine (a web server, a database, a log …). It is configured by a section of the agent's file:
 *
 *   [integrations.nginx]                 kind "nginx", name "nginx"
 *   url = "http://127.0.0.1/status"
 *
 *   [integrations.postgresql.billing]    kind "postgresql", name "postgresql.billing": as many instances as there are sections
 *   host = "127.0.0.1"
 *
 * A section without a line in it is an integration with nothing but defaults. A table inside a section ([integrations.a.b.labels], or an inline
 * table) is a value of its options.
 *
 * How options are validated: `createIntegration` hands the section to the kind's maker as `Options`. The maker takes each option by name and type
 * (`options.text("url")`, `options.secret("password")`, `options.seconds("timeout", …)`) and calls `options.done()` before it makes anything. `done`
 * throws HinobanError "invalid-input" with a FieldProblem for every wrong value, each naming file and line; options that nobody took become
 * warnings, never errors. A maker validates and nothing else: files, sockets and programs are touched in `collect` only, because a maker also
 * runs to try out a file that SIGHUP asked to read.
 *
 * A file with a wrong option keeps the agent's old configuration on SIGHUP. At the start the agent runs without that integration, and the check
 * `integration NAME` is UNKNOWN with the reason. A `collect` that throws or takes longer than `collectWithin` makes the same check CRITICAL with
 * the error's message; the others never notice.
 */

/** One `[integrations.KIND]` or `[integrations.KIND.INSTANCE]` section. */
export interface IntegrationConfig {
  readonly kind: string;
  /** `KIND` or `KIND.INSTANCE`. */
  readonly name: string;
  /** Values as the file holds them: text, number, bigint beyond 2^53, boolean, list, table. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the section begins. */
  readonly file: string;
  readonly line: number;
  /** The line of an option, by its dotted path inside the section; the section's own line for one that is not there. */
  readonly lineOf: (option: string) => number;
}

/** What an integration is made with. */
export interface IntegrationDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly reader: SystemReader;
  /** `process.platform`. */
  readonly platform: string;
  /** A folder of this integration alone that outlives the process, mode 0700, made at the first call: for places in files, counters. */
  readonly stateFolder: () => Promise<string>;
}

/** A value with its own minute, for sources that tell about the past. */
export interface TimedValue {
  readonly name: string;
  readonly time: UnixSeconds;
  readonly value: number;
}

/** Values of another host than the agent's own: a database of a cloud, an appliance. */
export interface OtherHost {
  readonly customIdentifier: string;
  readonly metrics?: MetricValues;
  readonly points?: readonly TimedValue[];
  /** Makes the host when the server does not know the identifier. Without it such values are dropped, and the log says so. */
  readonly register?: { readonly name: string; readonly roles?: readonly string[]; readonly memo?: string; readonly meta?: JsonObject };
}

/** What one round found. Names are complete (`custom.nginx.requests.total`); NaN, infinities and wrong names are left out later. */
export interface Collected {
  /** Of this host, at the running minute. Counters are turned into rates per second by the integration (collectors/rates.ts). */
  readonly metrics?: MetricValues;
  /** Of this host, with their own minutes. */
  readonly points?: readonly TimedValue[];
  /** By service name. The service must exist. */
  readonly serviceMetrics?: Readonly<Record<string, MetricValues>>;
  readonly hosts?: readonly OtherHost[];
  /** A check that is missing this time keeps its last result. */
  readonly checks?: readonly CheckResult[];
}

/** A running integration. */
export interface Integration {
  readonly kind: string;
  readonly name: string;
  /** Titles and units of its metrics, in the shape of `POST /api/v0/graph-defs/create`. */
  readonly graphDefs?: readonly JsonObject[];
  /** Minutes between two rounds. Default: 1. */
  readonly everyMinutes?: number;
  /** One round. `signal` is aborted after {@link collectWithin} and when the agent ends. @throws Error whose message is for the operator */
  collect(signal: AbortSignal): Promise<Collected>;
  /** Lets go of connections and files. */
  close?(): Promise<void>;
}

/** How a kind comes to be. @throws HinobanError "invalid-input" (by `options.done()`) */
export type IntegrationMaker = (options: Options, deps: IntegrationDeps, config: IntegrationConfig) => Integration;

/** The longest a round may take. */
export const collectWithin: Millis = seconds(50);
