import type { Clock, Timer } from "#base/clock";
import { days, hours, type UnixMs } from "#base/duration";
import { DueWork, Seal, type Change, type Db, type Tx } from "#store";
import { findChannel, opened, type OpenChannel } from "./channel.ts";
import { CodeLimit } from "./code-limit.ts";
import { notifyTopic, type CodeCalls, type NotifyContext, type NotifyDeps, type NotifyListener } from "./context.ts";
import { linkChat, unlinkChat, type ChatAccountLink } from "./chat-links.ts";
import type { Driver, Settled } from "./driver.ts";
import { driversOf } from "./drivers.ts";
import { PushDriver } from "./drivers/push.ts";
import type { Addressee, Notice, Sending } from "./model.ts";
import { cancelDeliveries, enqueue, enqueueEdits, type Cancelled } from "./outbox.ts";
import { settleDelivery } from "./outcome.ts";
import { Worker } from "./worker.ts";
import { purgeDeliveries } from "./store.ts";

const keepsFor = days(180);
const purgesEvery = hours(1);

/**
 * Hands messages to people and channels: what is sent is written down in the caller's transaction and leaves after it committed; every
 * message is tried until it is known what became of it, at least once and, as long as the process lives, not twice.
 */
export class Notify implements NotifyContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly deps: NotifyDeps;
  readonly channelSeal: Seal;
  readonly mailSeal: Seal;
  readonly noticeSeal: Seal;
  readonly pushSeal: Seal;
  readonly drivers: Map<string, Driver>;
  readonly codes: CodeLimit;
  readonly #listeners = new Set<NotifyListener>();
  readonly #worker: Worker;
  readonly #due: DueWork;
  #codeCalls: CodeCalls | undefined;

  constructor(deps: NotifyDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.deps = deps;
    const seal = (purpose: string, what: string): Seal =>
      new Seal(deps.serverKey, purpose, `${what} cannot be opened with this server key. Enter it again.`);
    this.channelSeal = seal("hinoban channel secret", "The secret of a channel");
    this.mailSeal = seal("hinoban mail password", "The password of the mail server");
    this.noticeSeal = seal("hinoban notice", "A message");
    this.pushSeal = seal("hinoban push", "What is needed for notifications in browsers");
    this.drivers = driversOf(deps);
    if (deps.push) this.drivers.set("push", new PushDriver(this, deps.push));
    this.codes = new CodeLimit(deps.clock);
    this.#worker = new Worker(this, () => this.wake());
    this.#due = new DueWork({
      name: "notify.outbox",
      clock: deps.clock,
      look: () => this.#worker.look(),
      onError: (error) => this.#worker.complain(error),
    });
  }

  /**
   * Sends one message once the transaction commits.
   * @returns its id; undefined when the key was sent before
   */
  async send(tx: Tx, at: UnixMs, sending: Sending): Promise<string | undefined> {
    return (await this.sendAll(tx, at, [sending]))[0];
  }

  /** The same for many, in few statements; the ids stand in the order of the sendings. */
  sendAll(tx: Tx, at: UnixMs, sendings: readonly Sending[]): Promise<(string | undefined)[]> {
    return enqueue(this, tx, at, sendings);
  }

  /** Takes back what has not left yet. @returns how many */
  cancel(tx: Tx, at: UnixMs, which: Cancelled): Promise<number> {
    return cancelDeliveries(this, tx, at, which);
  }

  /**
   * What became of a message that its driver handed on. @returns false when it is over already: whoever carried it was late
   */
  settle(tx: Tx, at: UnixMs, deliveryId: string, settled: Settled): Promise<boolean> {
    return settleDelivery(this, tx, at, deliveryId, settled);
  }

  /** To be called before the start: from now on messages to this medium, or type of channel, leave by the driver. */
  addDriver(name: string, driver: Driver): void {
    this.drivers.set(name, driver);
  }

  /**
   * Lets posts that stand in chats say something else: those of a thread in channels that can edit. What has not been posted yet says it
   * from the start. @returns how many posts
   */
  rewrite(tx: Tx, at: UnixMs, thread: string, write: (to: Addressee) => Notice | Promise<Notice>): Promise<number> {
    return enqueueEdits(this, tx, at, thread, write);
  }

  /** A channel with its secrets, for those who answer what its chat sends. @throws "storage-damaged" */
  async openChannel(tx: Tx, id: string): Promise<OpenChannel | undefined> {
    const row = await findChannel(tx, id);
    return row && opened(this.channelSeal, row);
  }

  /** Somebody's account in the chat of a channel: from now on its bot reaches them and mentions them. Whoever calls has made sure whose it is. */
  linkChat(tx: Tx, at: UnixMs, account: ChatAccountLink): Promise<void> {
    return linkChat(tx, at, account);
  }

  unlinkChat(tx: Tx, account: Pick<ChatAccountLink, "personId" | "userId">): Promise<void> {
    return unlinkChat(tx, account);
  }

  /** To be called once, before the start: from now on telephone numbers are proven by calls. */
  callCodesBy(calls: CodeCalls): void {
    this.#codeCalls = calls;
  }

  get codeCalls(): CodeCalls | undefined {
    return this.#codeCalls;
  }

  /** @returns what ends the listening */
  listen(listener: NotifyListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): Iterable<NotifyListener> {
    return this.#listeners;
  }

  /** Something may be due now. */
  wake(): void {
    this.#due.wake();
  }

  onChange(change: Change | undefined): void {
    if (!change || change.topic === notifyTopic) this.wake();
  }

  /** Waits until nothing is being sent or looked for. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#due.settled();
      if (!this.#worker.isBusy) return;
      await this.#worker.settled();
    }
  }

  /** Begins to send; the result ends it and waits for what is on its way. */
  start(): () => Promise<void> {
    this.#due.start();
    const purge: Timer = this.clock.every("notify.purge", purgesEvery, () => void this.purge());
    return async () => {
      purge.cancel();
      await this.#due.stop();
      await this.#worker.settled();
      this.deps.mailer.close();
    };
  }

  /** Sends one claimed delivery now, for somebody who waits for the outcome. */
  attempt(organisationId: string, id: string, claims: number): Promise<void> {
    return this.#worker.attempt(organisationId, id, claims);
  }

  /** Forgets deliveries of long ago. */
  async purge(): Promise<void> {
    try {
      await purgeDeliveries(this.db, this.clock.now() - keepsFor);
    } catch (error) {
      this.#worker.complain(error);
    }
  }
}

export const openNotify = (deps: NotifyDeps): Notify => new Notify(deps);
