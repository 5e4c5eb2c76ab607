import { HinobanError, invalidInput } from "#base/errors";
import type { Tx } from "#store";
import type { Absence } from "#wire/duty-calendars";

interface AbsenceRow {
  readonly id: string;
  readonly person_id: string;
  readonly from_at: number;
  readonly to_at: number;
  readonly note: string;
  readonly source: string | null;
}

export const presentedAbsence = (row: AbsenceRow): Absence => ({
  id: row.id,
  personId: row.person_id,
  from: row.from_at,
  to: row.to_at,
  note: row.note,
  ...(row.source === null ? {} : { source: row.source }),
});

/** Most absences that a person may have ahead. */
export const mostAbsences = 1000;

/** Absences that are not over, by their beginning. */
export async function absencesAhead(tx: Tx, at: number, personId?: string): Promise<Absence[]> {
  let query = tx.selectFrom("duty_absence").selectAll().where("to_at", ">", at);
  if (personId !== undefined) query = query.where("person_id", "=", personId);
  return (await query.orderBy("from_at").orderBy("id").limit(5000).execute()).map(presentedAbsence);
}

/** @throws "invalid-input" for a time that ends before it begins, "conflict" when the person has too many */
export async function demandRoomForAbsences(tx: Tx, personId: string, at: number, more: number): Promise<void> {
  const { count } = await tx
    .selectFrom("duty_absence")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("person_id", "=", personId)
    .where("to_at", ">", at)
    .executeTakeFirstOrThrow();
  if (count + more > mostAbsences) throw new HinobanError("conflict", `A person has at most ${mostAbsences} absences ahead.`);
}

export function checkAbsence(span: { readonly from: number; readonly to: number }, at: number): void {
  if (span.to <= span.from) throw invalidInput([{ field: "to", problem: "must be after the beginning" }]);
  if (span.to <= at) throw invalidInput([{ field: "to", problem: "must be in the future" }]);
}
