import { sql, type Selectable } from "kysely";
import { installationScope, type Db, type Tx } from "#store";
import { defaultRules, type NotificationRules } from "#wire/notify";
import type { Language } from "#wire/shapes";
import type { NotifyContactTable, NotifyDeliveryTable } from "./tables.ts";

export type ContactRow = Selectable<NotifyContactTable>;
export type DeliveryRow = Selectable<NotifyDeliveryTable>;

/** Somebody of the organisation as messages need to know them. */
export interface Reader {
  readonly id: string;
  readonly name: string;
  /** What they sign in with. */
  readonly email: string;
  readonly language: Language;
  readonly timeZone: string;
  /** Still a member, and not suspended. */
  readonly isMember: boolean;
  readonly rules: NotificationRules;
}

/** By primary keys; strangers are absent. */
export async function readersOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Reader>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom("identity_person as p")
    .innerJoin("identity_membership as m", (join) =>
      join.onRef("m.person_id", "=", "p.id").on("m.organisation_id", "=", sql<string>`hinoban_organisation()`),
    )
    .leftJoin("notify_rule as r", (join) =>
      join.onRef("r.person_id", "=", "p.id").on("r.organisation_id", "=", sql<string>`hinoban_organisation()`),
    )
    .select(["p.id", "p.name", "p.email", "p.language", "p.time_zone", "p.state", "m.removed_at", "r.rules"])
    .where("p.id", "in", [...new Set(ids)])
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        email: row.email,
        language: row.language,
        timeZone: row.time_zone,
        isMember: row.state === "active" && row.removed_at === null,
        rules: rulesOf(row.rules),
      },
    ]),
  );
}

export const rulesOf = (text: string | null): NotificationRules =>
  text === null ? defaultRules : withDefaults(JSON.parse(text) as NotificationRules); // written by `changeRules` in this shape

/** Rules that were written before a medium came say nothing of it. */
const withDefaults = (rules: NotificationRules): NotificationRules => ({
  ...defaultRules,
  ...rules,
  media: { ...defaultRules.media, ...rules.media },
});

/** The ways to reach people, each person's in their order; the sign-in address is among them only when somebody changed something about it. */
export async function contactsOf(tx: Tx, personIds: readonly string[]): Promise<ContactRow[]> {
  if (personIds.length === 0) return [];
  return tx
    .selectFrom("notify_contact")
    .selectAll()
    .where("person_id", "in", [...personIds])
    .orderBy("position")
    .orderBy("id")
    .execute();
}

export const purgeDeliveries = (db: Db, before: number): Promise<unknown> =>
  db.tx(installationScope, (tx) => sql`select hinoban_purge_deliveries(${before})`.execute(tx));
