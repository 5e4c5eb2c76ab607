import type { Clock, Timer } from "#base/clock";
import { seconds } from "#base/duration";
import type { CallListener, Dial, LineHealth, LineListener, LiveCall, PhoneLine, Recovered } from "#ports/phone/port";
import type { CarrierAddresses, CarrierApi } from "./carrier-api.ts";
import type { CallGround } from "./call-ground.ts";
import { CarrierCall } from "./carrier-call.ts";
import { Pacer } from "./pacer.ts";
import { readSavedState } from "./saved-state.ts";
import type { Timing } from "./timing.ts";

interface CarrierLineOptions {
  readonly api: CarrierApi;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly addresses: CarrierAddresses;
  /** Number that is shown when a call brings none of its own. */
  readonly from: string;
}

const stopWithin = seconds(2);

/** An account of a provider as a line: what all providers have in common. */
export class CarrierLine implements PhoneLine {
  readonly #ground: CallGround;
  readonly #from: string;
  readonly #calls = new Set<CarrierCall>();
  #health: LineHealth = { state: "connecting" };
  #listener: LineListener | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor({ api, clock, timing, addresses, from }: CarrierLineOptions) {
    this.#ground = { api, clock, timing, addresses, pacer: new Pacer(clock, timing.createEvery) };
    this.#from = from;
  }

  get health(): LineHealth {
    return this.#health;
  }

  start(listener: LineListener): void {
    this.#listener = listener;
    void this.#look();
  }

  dial(dial: Dial, listener: CallListener): LiveCall {
    const call = new CarrierCall(this.#ground, dial, this.#from, listener);
    this.#calls.add(call);
    void call.done.finally(() => this.#calls.delete(call));
    return call;
  }

  /**
   * A call that the provider carries on by asking us needs no process of ours: it is `alive`. One that only the ended process watched is
   * ended.
   */
  async recover(state: string): Promise<Recovered> {
    const saved = readSavedState(state);
    if (!saved) return "unknown";
    const { api, addresses, clock } = this.#ground;
    try {
      let id = saved.id ?? (await addresses.idOf(saved.ref)) ?? (await api.find(saved));
      if (id === undefined) {
        await clock.sleep("carriers.find", seconds(1));
        id = await api.find(saved);
      }
      // Nothing of it is known there: it was never asked for.
      if (id === undefined) return "gone";
      const looked = await api.look(id);
      if (looked.phase === "over") return "gone";
      if (api.way === "callbacks") return "alive";
      await api.end(id);
      return "ended";
    } catch {
      return "unknown";
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    const calls = [...this.#calls];
    for (const call of calls) call.end();
    const all = Promise.all(calls.map((call) => call.done));
    await Promise.race([all, this.#ground.clock.sleep("carriers.stop", stopWithin)]);
    this.#note({ state: "off" });
  }

  async #look(): Promise<void> {
    const health = await this.#ground.api.account();
    if (this.#isStopped) return;
    this.#note(health);
    const { healthEvery, healthEveryWhenFailed } = this.#ground.timing;
    const pause = health.state === "ready" ? healthEvery : healthEveryWhenFailed;
    this.#timer = this.#ground.clock.after("carriers.health", pause, () => void this.#look());
  }

  #note(health: LineHealth): void {
    const isSame = health.state === this.#health.state && health.problem === this.#health.problem;
    this.#health = health;
    if (!isSame) this.#listener?.health(health);
  }
}
