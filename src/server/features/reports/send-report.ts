import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { Language } from "#wire/shapes";
import { reportsTopic, type ReportsContext } from "./context.ts";
import { readKeptModel } from "./read-reports.ts";
import { demandRecipients, type NamedRecipient, type Recipients } from "./recipients.ts";
import { readSettings } from "./settings.ts";
import { channelNotice } from "./write-messages.ts";

/**
 * Sends a report: mail with the PDF to persons and addresses, a word with a link to channels. It leaves after the transaction committed.
 * @throws HinobanError "forbidden", "not-found", "invalid-input" for recipients that do not exist or when there is none
 * @returns to how many it goes
 */
export function sendReport(reports: ReportsContext, actor: Actor, id: string, to: Partial<Recipients>): Promise<number> {
  return reports.db.tx(scopeOf(actor), async (tx) => {
    const now = reports.clock.now();
    demand(actor, "report.change", `report:${id}`, now);
    const { settings } = await readSettings(tx);
    const isNamed = [to.personIds, to.addresses, to.channelIds].some((list) => (list?.length ?? 0) > 0);
    const { personIds = [], addresses = [], channelIds = [] } = isNamed ? to : settings;
    const recipients = await demandRecipients(tx, { personIds, addresses, channelIds });
    if (recipients.length === 0)
      throw invalidInput([{ field: "personIds", problem: "name at least one recipient, here or in the settings" }]);
    await enqueue(reports, tx, { id, now, by: actorId(actor), language: settings.language, recipients });
    return recipients.length;
  });
}

interface Sent {
  readonly id: string;
  readonly now: UnixMs;
  readonly by: string;
  /** For addresses and whatever has no language of its own. */
  readonly language: Language;
  readonly recipients: readonly NamedRecipient[];
}

/** Notes in the caller's transaction to whom a report goes, and makes one entry in the record. */
export async function enqueue(reports: ReportsContext, tx: Tx, { id, now, by, language, recipients }: Sent): Promise<void> {
  const { model } = await readKeptModel(tx, id);
  const languages = await languagesOf(tx);
  for (const { kind, recipient, name } of recipients) {
    const sendingId = newId();
    const deliveryId =
      kind === "channel"
        ? await reports.notify.send(tx, now, {
            to: { kind: "channel", channelId: recipient },
            key: `report:${sendingId}`,
            about: `report:${id}`,
            write: (addressee) => channelNotice(model, id, addressee.language, reports.publicUrl),
          })
        : undefined;
    await tx
      .insertInto("reports_sending")
      .values({
        id: sendingId,
        report_id: id,
        kind,
        recipient,
        name,
        language: kind === "person" ? (languages.get(recipient) ?? language) : language,
        problem: null,
        created_at: now,
        due_at: kind === "channel" ? null : now,
        ended_at: null,
        delivery_id: deliveryId ?? null,
      })
      .execute();
  }
  const count = (wanted: NamedRecipient["kind"]): number => recipients.filter(({ kind }) => kind === wanted).length;
  await record(tx, {
    at: now,
    actor: by,
    verb: "report.sent",
    object: `report:${id}`,
    outcome: "done",
    detail: { period: model.period, persons: count("person"), addresses: count("address"), channels: count("channel") },
  });
  await publish(tx, reportsTopic);
}

async function languagesOf(tx: Tx): Promise<Map<string, Language>> {
  const { rows } = await sql<{ id: string; language: Language }>`select id, language from identity_person`.execute(tx);
  return new Map(rows.map(({ id, language }) => [id, language]));
}
