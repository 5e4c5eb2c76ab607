import { invalidInput } from "#base/errors";
import { isTimeZone } from "#base/wall-time";
import { workingDays } from "#features/duty";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { ReportSettings } from "#wire/reports";
import { reportsTopic, type ReportsContext } from "./context.ts";
import { demandRecipients } from "./recipients.ts";
import { dueAfter, readSettings } from "./settings.ts";

/**
 * Changes when and to whom reports are sent. The same again is no change.
 * @throws HinobanError "forbidden", "invalid-input" for a zone, calendar or recipient that does not exist, or when it is on without recipients
 */
export function changeSettings(reports: ReportsContext, actor: Actor, input: ReportSettings): Promise<void> {
  return reports.db.tx(scopeOf(actor), async (tx) => {
    const now = reports.clock.now();
    demand(actor, "report.change", `organisation:${actor.organisationId}`, now);
    await check(reports, tx, input);
    const { settings: before } = await readSettings(tx);
    const fields = fieldNames.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(input[name]));
    if (fields.length === 0) return;
    const kept = Object.fromEntries(fieldNames.map((name) => [name, input[name]]));
    const values = { settings: JSON.stringify(kept), next_at: (await dueAfter(reports, tx, input, now)) ?? null };
    await tx
      .insertInto("reports_setting")
      .values(values)
      .onConflict((on) => on.column("organisation_id").doUpdateSet(values))
      .execute();
    await record(tx, {
      at: now,
      actor: actorId(actor),
      verb: "report-settings.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { fields, isOn: input.isOn ? 1 : 0 },
    });
    await publish(tx, reportsTopic);
  });
}

const fieldNames = ["isOn", "day", "calendarId", "time", "timeZone", "language", "personIds", "addresses", "channelIds"] as const;

async function check(reports: ReportsContext, tx: Tx, input: ReportSettings): Promise<void> {
  if (!isTimeZone(input.timeZone)) throw invalidInput([{ field: "timeZone", problem: "is no IANA time zone, such as Asia/Tokyo" }]);
  await workingDays(reports.duty, tx, input.calendarId).catch(() => {
    throw invalidInput([{ field: "calendarId", problem: `there is no calendar ${input.calendarId}` }]);
  });
  const recipients = await demandRecipients(tx, input);
  if (input.isOn && recipients.length === 0)
    throw invalidInput([{ field: "personIds", problem: "name at least one recipient, or switch it off" }]);
}
