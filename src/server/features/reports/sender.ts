import { sql } from "kysely";
import { addTime, hours, minutes, unixMs, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { isTimeZone, wallClock } from "#base/wall-time";
import { membersNow } from "#features/identity";
import { readMailSetup, type MailSetup } from "#features/notify";
import type { MailFailure } from "#ports/mailer/port";
import { installationScope, publish, type Looked, type Tx } from "#store";
import type { Language } from "#wire/shapes";
import { reportsTopic, type ReportsContext } from "./context.ts";
import { documentOf } from "./document/document.ts";
import { monthOf, periodBefore } from "./figures/period.ts";
import { keepReport } from "./make-report.ts";
import type { ReportModel } from "./model.ts";
import { readKeptModel } from "./read-reports.ts";
import { knownRecipients } from "./recipients.ts";
import { enqueue } from "./send-report.ts";
import { dueAfter, settingsIn } from "./settings.ts";
import { fileNameOf, mailAround } from "./write-messages.ts";

/** Longer than counting a year and handing over one mail take. */
const leaseFor = minutes(5);
/** Between the tries of one mail; after the last one it is given up. */
const waits = [minutes(1), minutes(5), minutes(15), hours(1), hours(4), hours(12)] as const;
/** So many pieces of work in one look: others may want to look too. */
const mostAtOnce = 50;

/** Makes what is due by schedule and sends what waits, in all organisations. Any number of processes may do so. */
export class Sender {
  readonly #reports: ReportsContext;
  /** The last PDF: recipients of one report follow each other. */
  #printed: { readonly key: string; readonly pdf: Uint8Array } | undefined;

  constructor(reports: ReportsContext) {
    this.#reports = reports;
  }

  async look(): Promise<Looked> {
    const { db, clock } = this.#reports;
    for (let done = 0; done < mostAtOnce; done += 1) {
      const at = clock.now();
      const due = await db.tx(installationScope, (tx) =>
        sql<{ organisation_id: string }>`select * from hinoban_lease_reports(${at}, ${leaseFor})`.execute(tx),
      );
      const organisation = due.rows[0];
      // One organisation whose figures cannot be read keeps nobody else waiting: its lease ends by itself.
      if (organisation) await this.#make(organisation.organisation_id, at).catch(this.#reports.onError);
      const claimed = await db.tx(installationScope, (tx) =>
        sql<{ id: string; organisation_id: string }>`select * from hinoban_claim_report_sending(${at}, ${leaseFor})`.execute(tx),
      );
      const sending = claimed.rows[0];
      if (sending) await this.#send(sending.organisation_id, sending.id).catch(this.#reports.onError);
      if (!organisation && !sending) break;
    }
    this.#printed = undefined;
    const { rows } = await db.tx(installationScope, (tx) =>
      sql<{ next: number | null }>`select hinoban_next_report(${clock.now()}) as next`.execute(tx),
    );
    const next = rows[0]?.next ?? undefined;
    return { nextAt: next === undefined ? undefined : unixMs(next) };
  }

  /** The report of the month before the due moment, to those who are to get it by now. */
  #make(organisationId: string, at: UnixMs): Promise<void> {
    return this.#reports.db.tx({ organisationId }, async (tx) => {
      const { rows } = await sql<{
        settings: string;
        next_at: number | null;
      }>`select settings, next_at from reports_setting for update`.execute(tx);
      const row = rows[0];
      if (!row || row.next_at === null || row.next_at > at) return;
      const settings = settingsIn(row.settings);
      const clock = wallClock(isTimeZone(settings.timeZone) ? settings.timeZone : "UTC");
      const period = periodBefore(monthOf(unixMs(row.next_at), clock));
      const by = "system:reports";
      const id = await keepReport(tx, { period, language: settings.language, now: at, by });
      const recipients = await knownRecipients(tx, settings);
      if (recipients.length > 0) await enqueue(this.#reports, tx, { id, now: at, by, language: settings.language, recipients });
      const next = await dueAfter(this.#reports, tx, settings, at);
      await sql`update reports_setting set next_at = ${next ?? null}, leased_until = 0`.execute(tx);
    });
  }

  async #send(organisationId: string, id: string): Promise<void> {
    const { db } = this.#reports;
    const loaded = await db.tx({ organisationId }, (tx) => this.#load(tx, id));
    if (!loaded) return;
    const outcome = await this.#handOver(loaded).catch(failureOf);
    await db.tx({ organisationId }, (tx) => this.#note(tx, loaded, outcome));
  }

  async #load(tx: Tx, id: string): Promise<Loaded | undefined> {
    const row = await tx.selectFrom("reports_sending").selectAll().where("id", "=", id).where("state", "=", "pending").executeTakeFirst();
    if (!row) return undefined;
    const { kind, recipient, language, report_id: reportId, tries } = row;
    const address = kind === "address" ? recipient : (await membersNow(tx)).find((member) => member.id === recipient)?.email;
    const { model } = await readKeptModel(tx, reportId);
    return { id, reportId, language, tries, address, model, setup: await readMailSetup(this.#reports.notify, tx) };
  }

  async #handOver({ id, reportId, address, language, model, setup }: Loaded): Promise<Outcome> {
    if (address === undefined) return { state: "failed", problem: "The person is no longer a member of the organisation." };
    if (!setup) return { state: "failed", problem: "No mail server is set up." };
    const pdf = await this.#print(reportId, language, model);
    const { subject, text, html } = mailAround(model, reportId, language, this.#reports.publicUrl);
    const domain = setup.fromAddress.slice(setup.fromAddress.lastIndexOf("@") + 1);
    const accepted = await this.#reports.mailer.send(setup.server, {
      from: { address: setup.fromAddress, name: setup.fromName === "" ? "Hinoban" : setup.fromName },
      to: [address],
      envelopeFrom: setup.bounceAddress === "" ? setup.fromAddress : setup.bounceAddress,
      messageId: `<report.${id}@${domain}>`,
      references: [],
      subject,
      text,
      html,
      images: [],
      attachments: [{ fileName: fileNameOf(model, "pdf"), mediaType: "application/pdf", content: pdf }],
      encoding: "utf-8",
      at: this.#reports.clock.now(),
    });
    const [refused] = accepted.rejected;
    return refused ? { state: "failed", problem: refused.reply } : { state: "sent" };
  }

  async #print(reportId: string, language: Language, model: ReportModel): Promise<Uint8Array> {
    const key = `${reportId} ${language}`;
    if (this.#printed?.key !== key)
      this.#printed = { key, pdf: await this.#reports.printer.pdf(documentOf(model, language), this.#reports.publicUrl) };
    return this.#printed.pdf;
  }

  async #note(tx: Tx, { id, tries }: Loaded, outcome: Outcome): Promise<void> {
    const now = this.#reports.clock.now();
    const wait = waits[tries];
    if (outcome.state === "later" && wait !== undefined)
      await sql`update reports_sending set tries = tries + 1, problem = ${outcome.problem}, due_at = ${addTime(now, wait)}, leased_until = 0 where id = ${id}`.execute(
        tx,
      );
    else
      await sql`update reports_sending set state = ${outcome.state === "sent" ? "sent" : "failed"}, problem = ${outcome.problem ?? null},
        tries = tries + 1, ended_at = ${now}, due_at = null, leased_until = 0 where id = ${id}`.execute(tx);
    await publish(tx, reportsTopic);
  }
}

interface Loaded {
  readonly id: string;
  readonly reportId: string;
  readonly language: Language;
  readonly tries: number;
  readonly address: string | undefined;
  readonly model: ReportModel;
  readonly setup: MailSetup | undefined;
}

type Outcome = { readonly state: "sent"; readonly problem?: undefined } | { readonly state: "failed" | "later"; readonly problem: string };

/** What is wrong with the address or the mail stays wrong; everything else may be better in a while. */
function failureOf(error: unknown): Outcome {
  const problem = messageOf(error);
  if (!(error instanceof HinobanError)) return { state: "later", problem };
  if (error.code === "invalid-input") return { state: "failed", problem };
  const { refusal } = error.facts as Partial<MailFailure>; // what the port promises; absent for everything else
  return { state: refusal === "address" || refusal === "message" ? "failed" : "later", problem };
}
