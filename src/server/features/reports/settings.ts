import { optional } from "#base/fields";
import { unixMs, type UnixMs } from "#base/duration";
import { wallClock } from "#base/wall-time";
import { workingDays } from "#features/duty";
import { findOrganisation } from "#features/identity";
import type { Tx } from "#store";
import type { ReportSettings } from "#wire/reports";
import type { ReportsContext } from "./context.ts";
import { nextSending } from "./figures/period.ts";

/** The settings of the transaction's organisation, and when the next report falls due. */
export async function readSettings(tx: Tx): Promise<{ readonly settings: ReportSettings; readonly nextAt?: number }> {
  const row = await tx.selectFrom("reports_setting").select(["settings", "next_at"]).executeTakeFirst();
  if (!row) return { settings: await usualSettings(tx) };
  return { settings: settingsIn(row.settings), ...optional("nextAt", row.next_at ?? undefined) };
}

/** Written by this feature alone, in this shape. */
export const settingsIn = (text: string): ReportSettings => JSON.parse(text) as ReportSettings; // see above

async function usualSettings(tx: Tx): Promise<ReportSettings> {
  const timeZone = (await findOrganisation(tx))?.timeZone ?? "UTC";
  return {
    isOn: false,
    day: "first-working-day",
    calendarId: "business-days",
    time: "09:00",
    timeZone,
    language: timeZone === "Asia/Tokyo" ? "ja" : "en",
    personIds: [],
    addresses: [],
    channelIds: [],
  };
}

/** When the next report falls due after a moment; undefined while none is sent by itself. */
export async function dueAfter(
  reports: Pick<ReportsContext, "duty">,
  tx: Tx,
  settings: ReportSettings,
  after: UnixMs,
): Promise<UnixMs | undefined> {
  if (!settings.isOn) return undefined;
  const { day, time, timeZone, calendarId } = settings;
  const isWorking = await workingDays(reports.duty, tx, calendarId).catch(() => (): boolean => true); // the calendar was deleted since
  return unixMs(nextSending({ day, time, clock: wallClock(timeZone), isWorking }, after));
}
