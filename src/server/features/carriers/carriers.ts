import type { Clock, Timer } from "#base/clock";
import { days, hours, minutes, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import { Seal, installationScope, type Db } from "#store";
import { sql } from "kysely";
import type { CarriersContext, CarriersDeps } from "./context.ts";
import { SmsDriver } from "./sms-driver.ts";

const toldFor = days(3);
const messagesFor = days(90);
const purgesEvery = hours(1);
const complainsEvery = minutes(1);

/** Providers of calls and short messages: what they ask and tell, and who carries an organisation's messages. */
export class Carriers implements CarriersContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly calls: CarriersDeps["calls"];
  readonly notify: CarriersDeps["notify"];
  readonly hooks: CarriersDeps["hooks"];
  readonly senders: CarriersDeps["senders"];
  readonly whyNotCallable: CarriersDeps["whyNotCallable"];
  readonly twilioFlow: unknown;
  readonly serverKey: Secret;
  readonly publicUrl: string;
  readonly log: CarriersDeps["log"];
  readonly smsSeal: Seal;
  #complainedAt = 0;
  #unsaid = 0;

  constructor(deps: CarriersDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.calls = deps.calls;
    this.notify = deps.notify;
    this.hooks = deps.hooks;
    this.senders = deps.senders;
    this.whyNotCallable = deps.whyNotCallable;
    this.twilioFlow = deps.twilioFlow;
    this.serverKey = deps.serverKey;
    this.publicUrl = deps.publicUrl;
    this.log = deps.log;
    this.smsSeal = new Seal(
      deps.serverKey,
      "hinoban sms sender",
      "The secrets of the sender of short messages cannot be opened with this server key. Enter them again.",
    );
    deps.notify.addDriver("sms", new SmsDriver(this));
  }

  refused(at: UnixMs, facts: object): void {
    this.#unsaid += 1;
    if (at - this.#complainedAt < complainsEvery) return;
    this.log.warn({ ...facts, refused: this.#unsaid }, "requests in the name of a provider were refused");
    this.#complainedAt = at;
    this.#unsaid = 0;
  }

  /** Forgets what nobody asks for any more, every hour; the result ends it. */
  start(): () => void {
    const timer: Timer = this.clock.every("carriers.purge", purgesEvery, () => void this.purge());
    return () => timer.cancel();
  }

  async purge(): Promise<void> {
    const at = this.clock.now();
    try {
      await this.db.tx(installationScope, (tx) => sql`select hinoban_purge_carriers(${at - toldFor}, ${at - messagesFor})`.execute(tx));
    } catch (error) {
      this.log.warn({ err: messageOf(error) }, "old messages of providers could not be forgotten");
    }
  }
}

export const openCarriers = (deps: CarriersDeps): Carriers => new Carriers(deps);
