import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { isTimeZone } from "#base/wall-time";
import { findOrganisation } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import type { Deps } from "#store";
import { demandRoomForAbsences, mostAbsences } from "./absences.ts";
import { acting, demandPeople } from "./act.ts";
import { readOccurrences } from "./ical/read.ts";
import { lookAgain } from "./schedules.ts";
import { fileWindow } from "./shift-file.ts";

export interface ImportAbsences {
  readonly personId: string;
  /** Name of the file: what came from it before is replaced. */
  readonly source: string;
  /** For times without a zone; the organisation's when absent. */
  readonly timeZone?: string | undefined;
  readonly text: string;
}

/** Reads when a person is away from an iCalendar file. @throws "forbidden", "invalid-input" that names the event, "conflict" */
export function importAbsences(deps: Deps, actor: Actor, input: ImportAbsences): Promise<{ absences: number; replaced: number }> {
  return acting(deps, actor, `person:${input.personId}`, async ({ tx, at }) => {
    const timeZone = input.timeZone ?? (await findOrganisation(tx))?.timeZone ?? "UTC";
    if (!isTimeZone(timeZone))
      throw invalidInput([{ field: "timeZone", problem: "use a name of the time zone database, such as Asia/Tokyo" }]);
    await demandPeople(tx, [input.personId], "personId");
    const window = { ...fileWindow(at), from: at };
    const found = readOccurrences(input.text, { timeZone, window, most: mostAbsences });
    const gone = await tx
      .deleteFrom("duty_absence")
      .where("person_id", "=", input.personId)
      .where("source", "=", input.source)
      .where("to_at", ">", at)
      .returning("id")
      .execute();
    await demandRoomForAbsences(tx, input.personId, at, found.length);
    if (found.length > 0) {
      await tx
        .insertInto("duty_absence")
        .values(
          found.map(({ from, to, summary }) => ({
            id: newId(),
            person_id: input.personId,
            from_at: from,
            to_at: to,
            note: summary.slice(0, 200),
            source: input.source,
            created_at: at,
          })),
        )
        .execute();
    }
    await lookAgain(tx, at);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "absence.imported",
      object: `person:${input.personId}`,
      outcome: "done",
      detail: { count: found.length, replaced: gone.length },
      texts: { source: input.source },
    });
    return { absences: found.length, replaced: gone.length };
  });
}
