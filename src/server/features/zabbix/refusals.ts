import type { Clock } from "#base/clock";
import { millis, minutes, type Millis } from "#base/duration";
import type { ZabbixRefusal } from "#wire/zabbix";

export type RefusalReason = ZabbixRefusal["reason"];

/** What the log is told, once in a while. */
export type RefusalLog = (facts: {
  readonly address: string;
  readonly reason: RefusalReason;
  readonly name: string;
  readonly count: number;
}) => void;

const mostKept = 100;
const saidEvery = minutes(1);
/** Lines for the log within a minute, whoever knocks. */
const mostSaid = 20;

interface Kept {
  readonly organisationId: string | undefined;
  refusal: ZabbixRefusal;
  saidAt: Millis;
  unsaid: number;
}

/** Who was not let in lately, for the console and the log. Those alike are counted, so that a script that knocks each second fills neither. */
export class Refusals {
  readonly #clock: Clock;
  readonly #log: RefusalLog;
  readonly #kept = new Map<string, Kept>();
  #said = { since: millis(-saidEvery), lines: 0 };

  constructor(clock: Clock, log: RefusalLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @param organisationId undefined when it is not known whose visitor that was */
  add(organisationId: string | undefined, address: string, reason: RefusalReason, name: string): void {
    const key = JSON.stringify([organisationId ?? null, address, reason, name]);
    const before = this.#kept.get(key);
    const refusal = { at: this.#clock.now(), address, reason, name: name.slice(0, 255), count: (before?.refusal.count ?? 0) + 1 };
    const kept: Kept = { organisationId, refusal, saidAt: before?.saidAt ?? millis(-saidEvery), unsaid: (before?.unsaid ?? 0) + 1 };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    this.#say(kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(oldest);
    }
  }

  /** Newest first. @param isFirst whether those of nobody in particular belong to the organisation, too */
  of(organisationId: string, isFirst: boolean): ZabbixRefusal[] {
    return [...this.#kept.values()]
      .filter((kept) => kept.organisationId === organisationId || (isFirst && kept.organisationId === undefined))
      .map((kept) => kept.refusal)
      .toReversed();
  }

  #say(kept: Kept): void {
    const now = this.#clock.mono();
    if (now - this.#said.since >= saidEvery) this.#said = { since: now, lines: 0 };
    if (now - kept.saidAt < saidEvery || this.#said.lines >= mostSaid) return;
    this.#said.lines += 1;
    const { address, reason, name } = kept.refusal;
    this.#log({ address, reason, name, count: kept.unsaid });
    kept.saidAt = now;
    kept.unsaid = 0;
  }
}
