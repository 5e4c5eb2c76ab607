import type { Clock } from "#base/clock";
import { toSeconds, type UnixSeconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { CheckReport, CheckResult } from "../checks/check.ts";
import { shouldSend } from "../checks/check-runner.ts";
import type { ExtraPoint, HostToMake } from "../extra-points.ts";
import type { JsonObject } from "../json.ts";
import { usableValues } from "../sampler.ts";
import type { Found, Source } from "../sources.ts";
import { withinTime } from "../system.ts";
import { collectWithin, type Collected, type Integration } from "./integration.ts";

export interface IntegrationSourceDeps {
  readonly clock: Clock;
  readonly report: (report: CheckReport, isChange: boolean) => Promise<void>;
  /** A host that may be made when values for it come. */
  readonly allowHost: (customIdentifier: string, host: HostToMake) => void;
  /** The list of its checks changed. */
  readonly onChecks: () => void;
}

/** What came of making an integration. */
export type Made = { readonly integration: Integration } | { readonly name: string; readonly why: string };

/** An integration as a source of values, with the check `integration NAME` that tells whether it works. */
export class IntegrationSource implements Source {
  readonly name: string;
  readonly everyMinutes: number;
  readonly #made: Made;
  readonly #deps: IntegrationSourceDeps;
  readonly #last = new Map<string, CheckResult>();
  #underWay: Promise<unknown> | undefined;
  #hasLooked = false;

  constructor(made: Made, deps: IntegrationSourceDeps) {
    this.#made = made;
    this.#deps = deps;
    this.name = `integration ${"integration" in made ? made.integration.name : made.name}`;
    this.everyMinutes = "integration" in made ? (made.integration.everyMinutes ?? 1) : 1;
  }

  get definitions(): readonly JsonObject[] {
    return "integration" in this.#made ? (this.#made.integration.graphDefs ?? []) : [];
  }

  /** Names of its checks; undefined until it looked once. */
  get checkNames(): readonly string[] | undefined {
    return this.#hasLooked ? [...this.#last.keys()] : undefined;
  }

  async round(time: UnixSeconds, signal: AbortSignal): Promise<Found> {
    if (!("integration" in this.#made)) {
      await this.#tell([{ name: this.name, status: "UNKNOWN", message: this.#made.why }]);
      throw new HinobanError("invalid-input", this.#made.why);
    }
    try {
      const collected = await this.#collect(this.#made.integration, signal);
      await this.#tell([{ name: this.name, status: "OK", message: "It works." }, ...(collected.checks ?? [])]);
      return this.#found(collected, time);
    } catch (error) {
      if (!signal.aborted) await this.#tell([{ name: this.name, status: "CRITICAL", message: messageOf(error) }]);
      throw error;
    }
  }

  async close(): Promise<void> {
    if ("integration" in this.#made) await this.#made.integration.close?.();
  }

  /** One round at a time, also when an earlier one did not listen to its signal. */
  async #collect(integration: Integration, signal: AbortSignal): Promise<Collected> {
    if (this.#underWay) throw new HinobanError("timeout", "an earlier round still hangs");
    const end = new AbortController();
    const stop = (): void => end.abort();
    signal.addEventListener("abort", stop, { once: true });
    const work = integration.collect(end.signal);
    const underWay = work.then(
      () => undefined,
      () => undefined,
    );
    this.#underWay = underWay;
    void underWay.then(() => (this.#underWay = undefined));
    try {
      return await withinTime(this.#deps.clock, this.name, collectWithin, work);
    } finally {
      stop();
      signal.removeEventListener("abort", stop);
    }
  }

  async #tell(checks: readonly CheckResult[]): Promise<void> {
    const occurredAt = toSeconds(this.#deps.clock.now());
    const before = this.#last.size;
    for (const check of checks) {
      const previous = this.#last.get(check.name);
      this.#last.set(check.name, check);
      if (shouldSend(check, previous, false)) await this.#deps.report({ ...check, occurredAt }, check.status !== previous?.status);
    }
    if (this.#last.size !== before || !this.#hasLooked) {
      this.#hasLooked = true;
      this.#deps.onChecks();
    }
  }

  #found({ metrics = {}, points = [], serviceMetrics = {}, hosts = [] }: Collected, time: UnixSeconds): Found {
    const extra: ExtraPoint[] = points.filter(isUsable).map(({ name, value, time: at }) => ({ name, value, time: at }));
    for (const [service, values] of Object.entries(serviceMetrics)) extra.push(...pointsOf(values, time, { service }));
    for (const { customIdentifier: host, metrics: values = {}, points: own = [], register } of hosts) {
      if (register) this.#deps.allowHost(host, register);
      extra.push(
        ...pointsOf(values, time, { host }),
        ...own.filter(isUsable).map(({ name, value, time: at }) => ({ name, value, time: at, host })),
      );
    }
    return { values: usableValues(metrics), extra };
  }
}

const isUsable = ({ name, value }: { readonly name: string; readonly value: number }): boolean =>
  Object.keys(usableValues({ [name]: value })).length > 0;

const pointsOf = (values: Readonly<Record<string, number>>, time: UnixSeconds, where: Partial<ExtraPoint>): readonly ExtraPoint[] =>
  Object.entries(usableValues(values)).map(([name, value]) => ({ name, value, time, ...where }));
