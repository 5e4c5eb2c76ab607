import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { Member, PersonState } from "#wire/identity";
import type { MemberRole } from "#wire/permissions";

export interface PageOf {
  readonly text?: string | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

const defaultLimit = 50;

/** `limit` and `offset` of a page, and the pattern that its text stands for. */
export const pageOf = (page: PageOf): { limit: number; offset: number; pattern: string } => ({
  limit: page.limit ?? defaultLimit,
  offset: page.offset ?? 0,
  pattern: `%${(page.text ?? "").trim().replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`,
});

const members = (tx: Tx, now: UnixMs) =>
  tx
    .selectFrom("identity_membership as m")
    .innerJoin("identity_person as p", "p.id", "m.person_id")
    .leftJoin("identity_attempt as a", (join) => join.on(sql<boolean>`a.subject = 'person:' || p.id and a.locked_until > ${now}`))
    .where("m.organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("m.removed_at", "is", null);

const columns = ["p.id", "p.name", "p.email", "m.role", "p.state", "m.joined_at", "p.last_signed_in_at", "a.locked_until"] as const;

interface Row {
  id: string;
  name: string;
  email: string;
  role: MemberRole;
  state: PersonState;
  joined_at: number;
  last_signed_in_at: number | null;
  locked_until: number | null;
}

const toMember = (row: Row): Member => ({
  id: row.id,
  name: row.name,
  email: row.email,
  role: row.role,
  state: row.state,
  joinedAt: row.joined_at,
  ...(row.last_signed_in_at === null ? {} : { lastSignedInAt: row.last_signed_in_at }),
  ...(row.locked_until === null ? {} : { lockedUntil: row.locked_until }),
});

/** One page of the members of the organisation in scope, by name. */
export async function listMembers(tx: Tx, page: PageOf, now: UnixMs): Promise<{ members: Member[]; total: number }> {
  const { limit, offset, pattern } = pageOf(page);
  const found = members(tx, now).where((eb) => eb.or([eb("p.name", "ilike", pattern), eb("p.email", "ilike", pattern)]));
  const rows = await found
    .select(columns)
    .orderBy(sql`p.name collate "C"`)
    .orderBy("p.id")
    .limit(limit)
    .offset(offset)
    .execute();
  const { total } = await found.select((eb) => eb.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { members: rows.map(toMember), total };
}

/** One member of the organisation in scope. */
export async function readMember(tx: Tx, personId: string, now: UnixMs): Promise<Member | undefined> {
  const row = await members(tx, now).select(columns).where("p.id", "=", personId).executeTakeFirst();
  return row && toMember(row);
}
