import { sql } from "kysely";
import { millis, minutes, seconds, type Millis, type UnixMs } from "#base/duration";
import { messageOf } from "#base/errors";
import type { AlertReport } from "#features/incidents";
import type { OpenMailbox } from "#ports/mailbox/port";
import { DueWork, installationScope, publish, repeated, type Looked, type Tx } from "#store";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { beginFolder, mailboxesOf, placeOf, type MailboxRow } from "./mailbox-store.ts";
import { findSource, type SourceRow } from "./store.ts";
import { takeMail } from "./take-mail.ts";

/** Mailboxes that one process keeps open. */
const mostAtOnce = 200;
const leaseFor = seconds(90);
/** Besides what a server tells by itself, it is asked this often; the lease is renewed then. */
const asksEvery = seconds(20);
const mailsAtOnce = 20;
/** More of a mail is not read: alerts are short. */
const mostBytes = 512 * 1024;
/** A mailbox that fails for so long opens an alert: what comes there, nobody hears of. */
const toleratedFor = minutes(10);
const longestProblem = 500;
const longestWait = minutes(10);

interface Held {
  readonly source_id: string;
  readonly organisation_id: string;
  readonly revision: number;
}

/**
 * Reads the mailboxes of sources: each is leased to one process at a time, which keeps it open and is told of new mail by its server.
 */
export class MailboxWatches {
  readonly #sources: SourcesContext;
  readonly #due: DueWork;
  readonly #running = new Map<string, Promise<void>>();
  /** Ends the waiting of each. */
  readonly #open = new Map<string, OpenMailbox>();
  #isStopping = false;

  constructor(sources: SourcesContext) {
    this.#sources = sources;
    this.#due = new DueWork({
      name: "sources.mailboxes",
      clock: sources.clock,
      look: () => this.#look(),
      onError: (problem) => sources.log.warn({ problem }, "mailboxes could not be looked after"),
    });
  }

  start(): void {
    if (this.#sources.mailboxes) this.#due.start();
  }

  /** Ends all reading and gives the mailboxes back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#due.stop();
    await Promise.all([...this.#open.values()].map((folder) => folder.close()));
    await Promise.all(this.#running.values());
  }

  /** A mailbox may have been added or changed. */
  wake(): void {
    if (this.#sources.mailboxes) this.#due.wake();
  }

  async #look(): Promise<Looked> {
    const { db, clock } = this.#sources;
    const room = mostAtOnce - this.#running.size;
    if (room <= 0 || this.#isStopping) return { nextAt: undefined };
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<Held>`select * from hinoban_lease_mailboxes(${clock.now()}, ${room}, ${leaseFor})`.execute(tx),
    );
    for (const held of rows) this.#begin(held);
    return { nextAt: undefined };
  }

  #begin(held: Held): void {
    const { source_id: id } = held;
    if (this.#running.has(id)) return;
    const running = this.#watch(held)
      .catch((problem: unknown) => this.#sources.log.warn({ problem }, "a mailbox could not be looked after"))
      .finally(() => {
        this.#running.delete(id);
        this.#open.delete(id);
      });
    this.#running.set(id, running);
  }

  async #watch(held: Held): Promise<void> {
    const { mailboxes, db, mailboxSeal } = this.#sources;
    const row = await db.tx({ organisationId: held.organisation_id }, async (tx) =>
      (await mailboxesOf(tx, [held.source_id])).get(held.source_id),
    );
    if (!row || !mailboxes) return;
    try {
      const folder = await mailboxes.open(placeOf(mailboxSeal, row));
      this.#open.set(held.source_id, folder);
      try {
        await this.#read(held, row, folder);
      } finally {
        await folder.close();
      }
      await this.#giveBack(held);
    } catch (error) {
      await this.#note(held, messageOf(error).slice(0, longestProblem));
    }
  }

  /** Takes in what comes, until the mailbox changes, somebody else has it, or this process ends. */
  async #read(held: Held, row: MailboxRow, folder: OpenMailbox): Promise<void> {
    const { db, clock } = this.#sources;
    const where = { organisationId: held.organisation_id, sourceId: held.source_id, validity: folder.validity };
    let { lastUid } = await db.tx({ organisationId: held.organisation_id }, (tx) => beginFolder(tx, clock.now(), row, folder));
    while (!this.#isStopping) {
      const mails = await folder.after(lastUid, mailsAtOnce, mostBytes);
      for (const mail of mails) {
        await takeMail(this.#sources, where, mail);
        lastUid = mail.uid;
      }
      // Only what is committed is marked; whether the mark succeeds decides nothing.
      if (row.marks_seen) await folder.markSeen(mails.map(({ uid }) => uid));
      if (!(await this.#note(held, undefined))) return;
      if (mails.length < mailsAtOnce && !this.#isStopping) await folder.changed(asksEvery);
    }
  }

  /**
   * Writes down how a look went and renews the lease, or gives it up when it failed.
   * @returns false when the mailbox is another one by now, or somebody else's
   */
  #note(held: Held, problem: string | undefined): Promise<boolean> {
    const { db, clock } = this.#sources;
    return repeated(db).tx({ organisationId: held.organisation_id }, async (tx) => {
      const at = clock.now();
      const { rows } =
        await sql<MailboxRow>`select * from sources_mailbox where source_id = ${held.source_id} and revision = ${held.revision}
        and holder = current_setting('hinoban.device') for update`.execute(tx);
      const [before] = rows;
      if (!before) return false;
      if (problem === undefined) await this.#well(tx, at, before);
      else await this.#failed(tx, at, before, problem);
      return true;
    });
  }

  async #well(tx: Tx, at: UnixMs, before: MailboxRow): Promise<void> {
    await sql`update sources_mailbox set looked_at = ${at}, problem = null, failing_since = null, failures = 0, leased_until = ${at + leaseFor}
      where source_id = ${before.source_id}`.execute(tx);
    if (before.failing_since !== null) await this.#report(tx, at, await findSource(tx, before.source_id), undefined);
    if (before.problem !== null || before.looked_at === null) await publish(tx, sourcesTopic);
  }

  async #failed(tx: Tx, at: UnixMs, before: MailboxRow, problem: string): Promise<void> {
    const since = before.failing_since ?? at;
    const dueAt = at + waitAfter(before.failures);
    await sql`update sources_mailbox set problem = ${problem}, failing_since = ${since}, failures = failures + 1, leased_until = 0, due_at = ${dueAt}
      where source_id = ${before.source_id}`.execute(tx);
    if (at - since >= toleratedFor) await this.#report(tx, at, await findSource(tx, before.source_id), problem);
    if (before.problem !== problem) await publish(tx, sourcesTopic);
  }

  /** The alert about a mailbox that cannot be read; without a problem it is over. */
  async #report(tx: Tx, at: UnixMs, source: SourceRow, problem: string | undefined): Promise<void> {
    const report: AlertReport = {
      origin: { kind: "source", id: source.id },
      key: "mailbox",
      status: problem === undefined ? "OK" : "CRITICAL",
      severity: "error",
      type: source.kind,
      name: source.name,
      message: problem === undefined ? "The mailbox is read again." : `The mailbox cannot be read: ${problem}`,
      ...(source.service_id === null ? {} : { serviceId: source.service_id }),
      detail: {},
    };
    await this.#sources.incidents.report(tx, at, [report], "source");
  }

  /** Somebody else, or this process anew, may have it at once. */
  async #giveBack(held: Held): Promise<void> {
    await this.#sources.db.tx({ organisationId: held.organisation_id }, async (tx) => {
      await sql`update sources_mailbox set leased_until = 0 where source_id = ${held.source_id}
        and holder = current_setting('hinoban.device')`.execute(tx);
      if (!this.#isStopping) await publish(tx, sourcesTopic);
    });
  }
}

/** 5 s, 10 s, 20 s … 10 min. */
const waitAfter = (failures: number): Millis => millis(Math.min(longestWait, seconds(5) * 2 ** Math.min(failures, 10)));
