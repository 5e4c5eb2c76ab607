import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError, invalidInput, type FieldProblem } from "#base/errors";
import { isTimeZone, parseLocal } from "#base/wall-time";
import { standingOf } from "#features/identity";
import type { Tx } from "#store";
import type { Schedule, ScheduleInput } from "#wire/duty";
import type { Layer } from "#wire/duty-shapes";
import { demandPeople } from "./act.ts";
import { builtInIds } from "./calendar/model.ts";
import { findTeam } from "./teams.ts";
import { layersOf, peopleOf, type ScheduleRow } from "./store.ts";

/** Lets the job look at once: who is on duty may have changed. All schedules when none is named. */
export async function lookAgain(tx: Tx, at: UnixMs, scheduleId?: string): Promise<void> {
  // oxlint-disable-next-line hinoban/recorded-mutations -- when a job looks is no fact about duty; whoever calls records the act
  let query = tx.updateTable("duty_schedule").set({ due_at: at }).where("deleted_at", "is", null);
  if (scheduleId !== undefined) query = query.where("id", "=", scheduleId);
  await query.execute();
}

/** Schedules as answers show them. */
export async function presentedSchedules(tx: Tx, rows: readonly ScheduleRow[]): Promise<Schedule[]> {
  const layers = rows.map(layersOf);
  const standings = await standingOf(tx, peopleOf(layers.flat(), []));
  return rows.map((row, index) => ({
    id: row.id,
    name: row.name,
    memo: row.memo,
    timeZone: row.time_zone,
    ...(row.team_id === null ? {} : { teamId: row.team_id }),
    layers: layers[index] ?? [],
    tellsPeople: row.tells_people,
    ...(row.channel_id === null ? {} : { channelId: row.channel_id }),
    revision: row.revision,
    createdAt: row.created_at,
    people: peopleOf(layers[index] ?? [], []).flatMap((id) => {
      const standing = standings.get(id);
      return standing ? [{ id, name: standing.name, state: standing.state }] : [];
    }),
  }));
}

export async function presentedSchedule(tx: Tx, row: ScheduleRow): Promise<Schedule> {
  const [schedule] = await presentedSchedules(tx, [row]);
  if (!schedule) throw new HinobanError("internal", "a schedule was not presented");
  return schedule;
}

/** The columns that somebody types. */
export interface ScheduleColumns {
  readonly name: string;
  readonly memo: string;
  readonly time_zone: string;
  readonly team_id: string | null;
  readonly layers: string;
  readonly tells_people: boolean;
  readonly channel_id: string | null;
}

/**
 * Checks what the shapes alone cannot say, and locks the calendars that are named.
 * @param before people who were named before and may stay although they are gone
 * @throws "invalid-input" with every problem
 */
export async function checkedSchedule(tx: Tx, input: ScheduleInput, before: readonly string[] = []): Promise<ScheduleColumns> {
  const problems = layerProblems(input.layers);
  if (input.name.trim() === "") problems.push({ field: "name", problem: "must not be empty" });
  if (!isTimeZone(input.timeZone))
    problems.push({ field: "timeZone", problem: "use a name of the time zone database, such as Asia/Tokyo" });
  if (problems.length > 0) throw invalidInput(problems);
  await demandCalendars(tx, input.layers);
  await demandPeople(tx, peopleOf(input.layers, []), "layers", before);
  if (input.teamId !== undefined) await findTeam(tx, input.teamId);
  return {
    name: input.name.trim(),
    memo: input.memo ?? "",
    time_zone: input.timeZone,
    team_id: input.teamId ?? null,
    layers: JSON.stringify(input.layers),
    tells_people: input.tellsPeople,
    channel_id: input.channelId ?? null,
  };
}

/** What is wrong with layers in themselves. */
export function layerProblems(layers: readonly Layer[]): FieldProblem[] {
  return layers.flatMap((layer, index) => {
    const problems: FieldProblem[] = [];
    const say = (field: string, problem: string): void => void problems.push({ field: `layers/${index}/${field}`, problem });
    if (layer.kind === "table") {
      if (layer.shifts.some((shift) => shift.to <= shift.from)) say("shifts", "each shift must end after it begins");
    } else checkRotation(layer, say);
    for (const hours of layer.restriction?.hours ?? []) {
      if (hours.weekdays.length === 0) say("restriction/hours", "must name at least one day of the week");
    }
    return problems;
  });
}

function checkRotation(layer: Extract<Layer, { kind: "rotation" }>, say: (field: string, problem: string) => void): void {
  const start = parseLocal(layer.start);
  const until = layer.until === undefined ? undefined : parseLocal(layer.until);
  if (start === undefined) say("start", `there is no day ${layer.start}`);
  if (layer.until !== undefined && until === undefined) say("until", `there is no day ${layer.until}`);
  if (start !== undefined && until !== undefined && until <= start) say("until", "must be after the start");
  if (layer.unit === "weekdays" && (layer.weekdays ?? []).length === 0)
    say("weekdays", "must name the days of the week on which the turn changes");
}

/** @throws "invalid-input" for one that does not exist */
export async function demandCalendars(tx: Tx, layers: readonly Layer[]): Promise<void> {
  const known = new Set<string>(builtInIds);
  const wanted = new Set(layers.flatMap((layer) => layer.restriction?.calendar?.id ?? []).filter((id) => !known.has(id)));
  if (wanted.size === 0) return;
  const rows = await tx
    .selectFrom("duty_calendar")
    .select("id")
    .where("id", "in", [...wanted])
    .where("deleted_at", "is", null)
    .orderBy("id")
    .forShare()
    .execute();
  const missing = [...wanted].filter((id) => !rows.some((row) => row.id === id));
  if (missing.length > 0) throw invalidInput(missing.map((id) => ({ field: "layers", problem: `there is no calendar ${id}` })));
}

/** The times of a question. @throws "invalid-input" when it spans too much */
export function checkedRange(from: number, to: number, mostDays: number): { readonly from: UnixMs; readonly to: UnixMs } {
  if (to <= from || to - from > mostDays * 86_400_000) {
    throw invalidInput([{ field: "to", problem: `must lie after the beginning, by at most ${mostDays} days` }]);
  }
  return { from: unixMs(from), to: unixMs(to) };
}
