import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import type { Absence, AbsenceInput } from "#wire/duty-calendars";
import { checkAbsence, demandRoomForAbsences, presentedAbsence } from "./absences.ts";
import { acting, demandPeople } from "./act.ts";
import { lookAgain } from "./schedules.ts";

/** Notes that somebody is away: lower layers stand in meanwhile, or there is a gap. @throws "forbidden", "invalid-input", "conflict" */
export function createAbsence(deps: Deps, actor: Actor, input: AbsenceInput): Promise<Absence> {
  return acting(deps, actor, `person:${input.personId}`, async ({ tx, at }) => {
    checkAbsence(input, at);
    await demandPeople(tx, [input.personId], "personId");
    await demandRoomForAbsences(tx, input.personId, at, 1);
    const row = await tx
      .insertInto("duty_absence")
      .values({
        id: newId(),
        person_id: input.personId,
        from_at: input.from,
        to_at: input.to,
        note: input.note ?? "",
        source: null,
        created_at: at,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await lookAgain(tx, at);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "absence.created",
      object: `person:${input.personId}`,
      outcome: "done",
      detail: { person: input.personId, fromAt: input.from, toAt: input.to },
      texts: { note: row.note === "" ? undefined : row.note },
    });
    return presentedAbsence(row);
  });
}
