import type { Clock } from "#base/clock";
import type { Secret } from "#base/secret";
import { seconds, type Millis, type UnixMs } from "#base/duration";
import type { Incidents } from "#features/incidents";
import { heardSince, type Inventory } from "#features/inventory";
import { RateLimit } from "#http";
import type { MailboxReader } from "#ports/mailbox/port";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import { BackOff, DueWork, Seal, type Change, type Db } from "#store";
import { sourcesTopic, type SourcesContext, type SourcesDeps } from "./context.ts";
import { MailboxWatches } from "./mailbox-watch.ts";
import { lookForMissed } from "./missed-beats.ts";
import { sendBeats } from "./outgoing-beat.ts";

const looksEvery = seconds(15);

/** Addresses that nobody knows may be tried this often in a minute from one network. */
const strangersAMinute = 60;

/** What comes from other products, of all organisations. */
export class Sources implements SourcesContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly inventory: Inventory;
  readonly incidents: Incidents;
  readonly outgoing: OutgoingHttp;
  readonly isSound: () => boolean;
  readonly serverKey: Secret;
  readonly seal: Seal;
  readonly mailboxSeal: Seal;
  readonly mailboxes?: MailboxReader;
  readonly watches: MailboxWatches;
  readonly log: SourcesDeps["log"];
  readonly strangers: RateLimit;
  readonly #missed: DueWork;
  #beating: Promise<void> | undefined;

  constructor(deps: SourcesDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.inventory = deps.inventory;
    this.incidents = deps.incidents;
    this.outgoing = deps.outgoing;
    this.isSound = deps.isSound;
    this.serverKey = deps.serverKey;
    this.seal = new Seal(
      deps.serverKey,
      "hinoban outgoing heartbeat",
      "The address of the heartbeat cannot be opened with this server key. Enter it again.",
    );
    this.mailboxSeal = new Seal(
      deps.serverKey,
      "hinoban mailbox password",
      "The password of the mailbox cannot be opened with this server key. Enter it again.",
    );
    if (deps.mailboxes) this.mailboxes = deps.mailboxes;
    this.watches = new MailboxWatches(this);
    this.log = deps.log;
    this.strangers = new RateLimit(deps.clock, strangersAMinute);
    const onError = (problem: unknown): void => deps.log.warn({ problem }, "heartbeats could not be looked after");
    const failing = new BackOff(deps.clock, onError);
    this.#missed = new DueWork({
      name: "sources.missed-heartbeats",
      clock: deps.clock,
      look: () => lookForMissed(this, failing),
      onError,
    });
  }

  /** Starts looking for heartbeats that stay away and sending our own; the result ends it. */
  start(): () => Promise<void> {
    this.#missed.start();
    this.watches.start();
    const timer = this.clock.every("sources.outgoing-heartbeat", looksEvery, () => this.#beat());
    return async () => {
      timer.cancel();
      await Promise.all([this.#missed.stop(), this.watches.stop(), this.#beating]);
    };
  }

  /** Waits until nothing is looked at. */
  settled(): Promise<void> {
    return this.#missed.settled();
  }

  onChange(change: Change | undefined): void {
    if (change !== undefined && change.topic !== sourcesTopic) return;
    this.#missed.wake();
    this.watches.wake();
  }

  /** Sends the heartbeats that are due, as long as all is sound: while it is not, whoever listens outside notices. */
  async beat(): Promise<void> {
    if (this.isSound()) await sendBeats(this);
  }

  #beat(): void {
    this.#beating ??= this.beat()
      .catch((problem: unknown) => this.log.warn({ problem }, "the outgoing heartbeat could not be sent"))
      .finally(() => {
        this.#beating = undefined;
      });
  }

  heardSince(length: Millis, now: UnixMs): UnixMs {
    return heardSince(length, this.inventory.listening.deaf, now);
  }
}

export const openSources = (deps: SourcesDeps): Sources => new Sources(deps);
