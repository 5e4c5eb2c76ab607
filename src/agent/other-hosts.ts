import type { Clock } from "#base/clock";
import { minutes, type Millis } from "#base/duration";
import { parseHosts, type ApiClient, type Outcome } from "./api.ts";
import type { HostToMake } from "./extra-points.ts";
import { isJsonObject } from "./json.ts";
import type { Log } from "./log.ts";

/** The id of a host; nothing when the server does not know the identifier; or why the server could not be asked. */
export type Resolved = { readonly id: string | undefined } | { readonly outcome: Exclude<Outcome, { kind: "ok" | "refused" }> };

/** A host may be renamed or retired, and one that is missing may be made: both are noticed after this long. */
const believedFor: Millis = minutes(10);

/** Finds the hosts that plugins and integrations name by custom identifier, and makes those that an integration may make. */
export class OtherHosts {
  readonly #api: ApiClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, { readonly id: string | undefined; readonly until: number }>();
  readonly #toMake = new Map<string, HostToMake>();

  constructor(api: ApiClient, clock: Clock, log: Log) {
    this.#api = api;
    this.#clock = clock;
    this.#log = log;
  }

  /** From now on this host is made when it is missing. */
  allow(customIdentifier: string, host: HostToMake): void {
    if (!this.#toMake.has(customIdentifier) && this.#known.get(customIdentifier)?.id === undefined) this.#known.delete(customIdentifier);
    this.#toMake.set(customIdentifier, host);
  }

  /** Looks hosts up that are not known yet. */
  async resolve(customIdentifier: string): Promise<Resolved> {
    const known = this.#known.get(customIdentifier);
    if (known && known.until > this.#clock.mono()) return { id: known.id };
    const outcome = await this.#api.listHosts("customIdentifier", customIdentifier);
    if (outcome.kind === "away" || outcome.kind === "denied") return known?.id === undefined ? { outcome } : { id: known.id };
    const found = outcome.kind === "ok" ? parseHosts(outcome.value).find((host) => !host.isRetired) : undefined;
    const id = found?.id ?? (await this.#make(customIdentifier));
    if (id === undefined) this.#tellMissing(customIdentifier, known);
    this.#known.set(customIdentifier, { id, until: this.#clock.mono() + believedFor });
    return { id };
  }

  /** Once, not each time that it is looked for. */
  #tellMissing(customIdentifier: string, known: { readonly id: string | undefined } | undefined): void {
    if (known && known.id === undefined) return;
    this.#log.warn("The server knows no host with this custom identifier; what belongs to it is dropped.", { customIdentifier });
  }

  async #make(customIdentifier: string): Promise<string | undefined> {
    const host = this.#toMake.get(customIdentifier);
    if (!host) return undefined;
    const { name, roles, memo, meta = {} } = host;
    const outcome = await this.#api.createHost({
      name,
      customIdentifier,
      meta,
      ...(roles && roles.length > 0 ? { roleFullnames: roles } : {}),
      ...(memo === undefined ? {} : { memo }),
    });
    const id = outcome.kind === "ok" && isJsonObject(outcome.value) ? outcome.value["id"] : undefined;
    if (typeof id === "string" && id !== "") {
      this.#log.info("Made a host for what an integration watches.", { host: id, name });
      return id;
    }
    if (outcome.kind !== "ok") this.#log.warn(`The host ${name} could not be made: ${outcome.why}`);
    return undefined;
  }
}
