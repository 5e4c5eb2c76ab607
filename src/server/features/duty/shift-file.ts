import { HinobanError, invalidInput } from "#base/errors";
import { isTimeZone, wallClock } from "#base/wall-time";
import type { Span } from "#base/spans";
import { membersNow, type NamedMember } from "#features/identity";
import type { Tx } from "#store";
import { dutyLimits, type TableShift } from "#wire/duty-shapes";
import { readTable } from "./csv.ts";
import { readOccurrences } from "./ical/read.ts";

export interface ShiftFile {
  readonly format: "ics" | "csv";
  readonly timeZone: string;
  readonly text: string;
  /** Who is meant by a name that is nobody's name or address. */
  readonly people: readonly { readonly name: string; readonly personId: string }[];
}

export interface ReadShifts {
  readonly shifts: readonly TableShift[];
  readonly unknown: readonly { readonly name: string; readonly shifts: number }[];
}

/** What of a file is read: shifts long past and far ahead are nobody's concern. */
export const fileWindow = (at: number): Span => ({ from: at - 40 * 86_400_000, to: at + dutyLimits.days * 86_400_000 });

/** Reads shifts for a layer from a file; saves nothing. @throws "invalid-input" that names the event or the line */
export async function readShiftFile(tx: Tx, file: ShiftFile, at: number): Promise<ReadShifts> {
  if (!isTimeZone(file.timeZone))
    throw invalidInput([{ field: "timeZone", problem: "use a name of the time zone database, such as Asia/Tokyo" }]);
  const members = await membersNow(tx);
  const strange = file.people.find(({ personId }) => !members.some((member) => member.id === personId));
  if (strange) throw invalidInput([{ field: "people", problem: `there is no member ${strange.personId}` }]);
  const named = namedShifts(file, at);
  const shifts: TableShift[] = [];
  const unknown = new Map<string, number>();
  for (const { names, from, to } of named) {
    const personId = personNamed(names, members, file.people);
    if (personId !== undefined) shifts.push({ personId, from, to });
    else unknown.set(names[0] ?? "", (unknown.get(names[0] ?? "") ?? 0) + 1);
  }
  if (shifts.length > dutyLimits.tableShifts) {
    throw new HinobanError("invalid-input", `The file holds ${shifts.length} shifts; ${dutyLimits.tableShifts} are allowed.`);
  }
  return { shifts: shifts.sort((a, b) => a.from - b.from), unknown: [...unknown].map(([name, count]) => ({ name, shifts: count })) };
}

interface NamedShift extends Span {
  /** What may name the person, best first; the first is shown when nobody is found. */
  readonly names: readonly string[];
}

function namedShifts({ format, timeZone, text }: ShiftFile, at: number): NamedShift[] {
  const window = fileWindow(at);
  if (format === "csv") {
    return readTable(text, wallClock(timeZone))
      .filter((row) => row.to > window.from && row.from < window.to)
      .map(({ name, from, to }) => ({ names: [name], from, to }));
  }
  return readOccurrences(text, { timeZone, window, most: dutyLimits.tableShifts }).map(({ summary, attendees, from, to }) => ({
    names: [summary, ...attendees],
    from,
    to,
  }));
}

/** Width, case and blanks do not matter, as spreadsheets and input methods mix them. */
const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\u3000]/gu, "");

/** By name or address; else by the one name that a title such as “On call: Hanako” holds. */
function personNamed(names: readonly string[], members: readonly NamedMember[], people: ShiftFile["people"]): string | undefined {
  for (const name of names.map(plain)) {
    if (name === "") continue;
    const said = people.find((one) => plain(one.name) === name);
    if (said) return said.personId;
    const exact = members.filter((member) => plain(member.name) === name || plain(member.email) === name);
    if (exact.length === 1) return exact[0]?.id;
  }
  const title = plain(names[0] ?? "");
  const inside = members.filter((member) => plain(member.name) !== "" && title.includes(plain(member.name)));
  return inside.length === 1 ? inside[0]?.id : undefined;
}
