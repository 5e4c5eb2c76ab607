import { beforeAll } from "vitest";
import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { openDuty, type Duty } from "#features/duty";
import type { Actor } from "#http";
import type { Schedule, ScheduleInput } from "#wire/duty";
import type { Rotation } from "#wire/duty-shapes";
import { createSchedule } from "../../src/server/features/duty/create-schedule.ts";
import { packagedHolidays } from "../../src/server/features/duty/holidays.ts";
import { withPeople, type People, type Somebody } from "./people.ts";

/** Duty over a database of the calling test file, with three people who take turns. Read the fields inside hooks and tests. */
export interface DutyRig {
  readonly people: People;
  readonly duty: Duty;
  /** The owner of the first organisation. */
  readonly us: Actor;
  readonly hanako: Somebody;
  readonly taro: Somebody;
  readonly jiro: Somebody;
  readonly viewer: Somebody;
  /** The owner of another organisation. */
  readonly other: Actor;
  /** Hanako and Taro, a day each from 2026-01-01T09:00 in Tokyo; the rig's clock stands at 2026-01-05T09:00 there, a Monday. */
  rotation(over?: Partial<Rotation>): Rotation;
  input(over?: Partial<ScheduleInput>): ScheduleInput;
  make(over?: Partial<ScheduleInput>): Promise<Schedule>;
  onDuty(scheduleId: string, at?: UnixMs): Promise<readonly string[]>;
  /** Another process of the same installation. */
  another(): Duty;
}

export const idOf = (somebody: Somebody): string => somebody.actor.personId;
export const inside = (actor: Actor): { readonly organisationId: string } => ({ organisationId: actor.organisationId });
export const instant = (text: string): UnixMs => unixMs(Date.parse(text));

/** The code with which an act was refused, or "done". */
export async function codeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return "done";
  } catch (error) {
    if (error instanceof HinobanError) return error.code;
    throw error;
  }
}

type Made = Pick<DutyRig, "duty" | "hanako" | "taro" | "jiro" | "viewer" | "other">;

export function withDuty(): DutyRig {
  const people = withPeople();
  let made: Made | undefined;
  let count = 0;
  const get = (): Made => {
    if (!made) throw new Error("the rig exists only inside hooks and tests");
    return made;
  };
  const another = (): Duty => openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays() });
  beforeAll(async () => {
    made = {
      duty: another(),
      hanako: await people.join(people.first, "collaborator", "hanako@example.jp"),
      taro: await people.join(people.first, "collaborator", "taro@example.jp"),
      jiro: await people.join(people.first, "collaborator", "jiro@example.jp"),
      viewer: await people.join(people.first, "viewer"),
      other: (await people.another("other")).actor,
    };
  });
  const rotation = (over: Partial<Rotation> = {}): Rotation => ({
    kind: "rotation",
    name: "base",
    people: [idOf(get().hanako), idOf(get().taro)],
    start: "2026-01-01T09:00",
    unit: "day",
    length: 1,
    handOver: "09:00",
    ...over,
  });
  const input = (over: Partial<ScheduleInput> = {}): ScheduleInput => {
    count += 1;
    return { name: `schedule ${count}`, timeZone: "Asia/Tokyo", layers: [rotation()], tellsPeople: true, ...over };
  };
  return {
    people,
    get duty() {
      return get().duty;
    },
    get us() {
      return people.first.actor;
    },
    get hanako() {
      return get().hanako;
    },
    get taro() {
      return get().taro;
    },
    get jiro() {
      return get().jiro;
    },
    get viewer() {
      return get().viewer;
    },
    get other() {
      return get().other;
    },
    rotation,
    input,
    another,
    make: (over) => createSchedule(get().duty, people.first.actor, input(over)),
    onDuty: (scheduleId, at = people.clock.now()) =>
      get().duty.db.tx(inside(people.first.actor), (tx) => get().duty.onDuty(tx, scheduleId, at)),
  };
}
