import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { MailboxPlace, MailboxReader, MailText, OpenMailbox, ReceivedMail } from "./port.ts";

/** A mailbox in the memory: mails are put into it, and whoever waits is told. */
export class FakeMailbox implements MailboxReader {
  validity = "1";
  /** What opening it fails with. */
  problem: string | undefined;
  readonly seen = new Set<number>();
  readonly opened: MailboxPlace[] = [];
  #nextUid = 1;
  #mails: ReceivedMail[] = [];
  readonly #waiting = new Set<() => void>();

  /** @param at unix ms */
  put(mail: Partial<MailText>, at: number): number {
    const uid = this.#nextUid++;
    const whole = { id: `${uid}@example.jp`, from: "nagios@example.jp", subject: "", text: "", autoSubmitted: "", ...mail };
    this.#mails.push({ uid, receivedAt: unixMs(at), size: 100, isCut: false, mail: whole });
    this.#wakeAll();
    return uid;
  }

  /** The folder was made anew: the same mails have other UIDs. */
  renumber(): void {
    this.validity = String(Number(this.validity) + 1);
    this.#mails = this.#mails.map((mail, index) => ({ ...mail, uid: index + 1 }));
    this.#nextUid = this.#mails.length + 1;
    this.cut();
  }

  /** Ends all connections. */
  cut(): void {
    this.#generation += 1;
    this.#wakeAll();
  }

  #generation = 0;

  async open(place: MailboxPlace): Promise<OpenMailbox> {
    this.opened.push(place);
    if (this.problem !== undefined) throw new HinobanError("unavailable", this.problem);
    const mine = this.#generation;
    let isOpen = true;
    const check = (): void => {
      if (!isOpen || mine !== this.#generation) throw new HinobanError("unavailable", "The connection was closed.");
    };
    return {
      validity: this.validity,
      nextUid: this.#nextUid,
      mails: this.#mails.length,
      after: async (uid, most) => {
        check();
        return this.#mails.filter((mail) => mail.uid > uid).slice(0, most);
      },
      markSeen: async (uids) => {
        check();
        for (const uid of uids) this.seen.add(uid);
      },
      changed: () => new Promise((resolve) => this.#waiting.add(resolve)),
      close: async () => {
        isOpen = false;
        this.#wakeAll();
      },
    };
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
