import { createHash, randomBytes } from "node:crypto";
import { sql, type Selectable } from "kysely";
import { installationScope, type Db, type Tx } from "#store";
import type { Feed } from "#wire/duty-calendars";
import { calendarText } from "./calendar-text.ts";
import type { Duty } from "./duty.ts";
import type { DutyFeedTable } from "./tables.ts";

export type FeedRow = Selectable<DutyFeedTable>;

/** Where calendar programs read; below the root of the host. */
export const feedPath = (token: string): string => `/duty-calendar/${token}.ics`;

/** 192 random bits, so that nobody guesses one. */
export const newToken = (): string => randomBytes(24).toString("base64url");

export const digestOf = (token: string): Buffer => createHash("sha256").update(token, "utf8").digest();

export const presentedFeed = (row: FeedRow): Feed => ({
  id: row.id,
  ...(row.schedule_id === null ? {} : { scheduleId: row.schedule_id }),
  ...(row.person_id === null ? {} : { personId: row.person_id }),
  createdBy: row.created_by,
  createdAt: row.created_at,
  ...(row.last_read_at === null ? {} : { lastReadAt: row.last_read_at }),
});

/** Those that hold, newest first. */
export async function listFeeds(tx: Tx): Promise<Feed[]> {
  const rows = await tx
    .selectFrom("duty_feed")
    .selectAll()
    .where("revoked_at", "is", null)
    .orderBy("created_at", "desc")
    .limit(1000)
    .execute();
  return rows.map(presentedFeed);
}

/** Which feed of which organisation a token opens. */
export async function findFeed(db: Db, token: string): Promise<{ readonly id: string; readonly organisationId: string } | undefined> {
  const { rows } = await db.tx(installationScope, (tx) =>
    sql<{ id: string; organisation_id: string }>`select * from hinoban_find_duty_feed(${digestOf(token)})`.execute(tx),
  );
  const row = rows[0];
  return row && { id: row.id, organisationId: row.organisation_id };
}

/** What calendar programs read, from the feed's organisation. @throws "not-found" when the schedule is deleted */
export async function readFeed(duty: Duty, tx: Tx, id: string): Promise<string | undefined> {
  const row = await tx.selectFrom("duty_feed").selectAll().where("id", "=", id).where("revoked_at", "is", null).executeTakeFirst();
  if (!row) return undefined;
  const minute = Math.floor(duty.clock.now() / 60_000) * 60_000;
  if ((row.last_read_at ?? 0) < minute) {
    // oxlint-disable-next-line hinoban/recorded-mutations -- that a program read is shown on the page, and no act of anybody
    await tx.updateTable("duty_feed").set({ last_read_at: minute }).where("id", "=", id).execute();
  }
  if (row.schedule_id !== null) return calendarText(duty, tx, { scheduleId: row.schedule_id });
  return row.person_id === null ? undefined : calendarText(duty, tx, { personId: row.person_id });
}
