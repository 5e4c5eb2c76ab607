import { describe, expect, test } from "vitest";
import { changeCalendar } from "./change-calendar.ts";
import { changeTeam } from "./change-team.ts";
import { createCalendar } from "./create-calendar.ts";
import { createTeam } from "./create-team.ts";
import { deleteCalendar } from "./delete-calendar.ts";
import { deleteSchedule } from "./delete-schedule.ts";
import { deleteTeam } from "./delete-team.ts";
import { namesOf } from "./names.ts";
import { codeOf, idOf, inside, instant, withDuty } from "#test/duty-rig";

const rig = withDuty();
const { people, rotation, make } = rig;

describe("teams", () => {
  test("are created, changed and deleted, each with its entry; members have an order and a lead", async () => {
    await people.acts();
    const team = await createTeam(rig.duty, rig.us, {
      name: " Network ",
      memberIds: [idOf(rig.taro), idOf(rig.hanako)],
      leadId: idOf(rig.hanako),
    });
    expect(team).toMatchObject({ name: "Network", leadId: idOf(rig.hanako) });
    expect(team.members.map((member) => member.id)).toEqual([idOf(rig.taro), idOf(rig.hanako)]);
    const read = () =>
      rig.duty.db.tx(inside(rig.us), async (tx) => [await rig.duty.membersOf(tx, team.id), await rig.duty.leadOf(tx, team.id)]);
    expect(await read()).toEqual([[idOf(rig.taro), idOf(rig.hanako)], idOf(rig.hanako)]);
    await changeTeam(rig.duty, rig.us, team.id, { name: "Network", memberIds: [idOf(rig.hanako), idOf(rig.jiro)] });
    await changeTeam(rig.duty, rig.us, team.id, { name: "Network", memberIds: [idOf(rig.hanako), idOf(rig.jiro)] });
    expect(await read()).toEqual([[idOf(rig.hanako), idOf(rig.jiro)], undefined]);
    const schedule = await make({ teamId: team.id });
    await deleteTeam(rig.duty, rig.us, team.id);
    expect(await codeOf(rig.duty.db.tx(inside(rig.us), (tx) => rig.duty.membersOf(tx, team.id)))).toBe("not-found");
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual(["team.created", "team.changed", "schedule.created", "team.deleted"]);
    expect(acts[1]?.detail).toMatchObject({ fields: ["lead", "members"], members: [idOf(rig.hanako), idOf(rig.jiro)] });
    const names = await rig.duty.db.tx(inside(rig.us), (tx) => namesOf(tx, [`team:${team.id}`, `schedule:${schedule.id}`, "host:x"]));
    expect(names).toEqual({ [`team:${team.id}`]: "Network", [`schedule:${schedule.id}`]: schedule.name });
  });

  test("refuse people of nowhere, leads who are no members, and names that are taken", async () => {
    await createTeam(rig.duty, rig.us, { name: "Once", memberIds: [] });
    expect(await codeOf(createTeam(rig.duty, rig.us, { name: "Once", memberIds: [] }))).toBe("conflict");
    expect(await codeOf(createTeam(rig.duty, rig.us, { name: "x", memberIds: ["nobody"] }))).toBe("invalid-input");
    expect(await codeOf(createTeam(rig.duty, rig.us, { name: "x", memberIds: [], leadId: idOf(rig.taro) }))).toBe("invalid-input");
    expect(await codeOf(createTeam(rig.duty, rig.us, { name: "  ", memberIds: [] }))).toBe("invalid-input");
    expect(await codeOf(changeTeam(rig.duty, rig.us, "missing", { name: "x", memberIds: [] }))).toBe("not-found");
    expect(await codeOf(deleteTeam(rig.duty, rig.us, "missing"))).toBe("not-found");
  });
});

describe("calendars", () => {
  const rules = { workdays: [1, 2, 3, 4, 5], holidays: "jp" as const, hours: [{ from: "09:00", to: "17:00" }], closed: [], working: [] };

  test("are created, changed and deleted, each with its entry, and tell working time", async () => {
    await people.acts();
    const calendar = await createCalendar(rig.duty, rig.us, { name: "Tokyo office", versions: [rules] });
    const working = (text: string) => rig.duty.db.tx(inside(rig.us), (tx) => rig.duty.isWorkingTime(tx, calendar.id, instant(text)));
    expect([
      await working("2026-01-05T10:00+09:00"),
      await working("2026-01-05T17:30+09:00"),
      await working("2026-01-12T10:00+09:00"),
    ]).toEqual([true, false, false]);
    const later = { ...rules, from: "2026-02-01", hours: [{ from: "10:00", to: "18:00" }] };
    await changeCalendar(rig.duty, rig.us, calendar.id, { name: "Tokyo office", versions: [rules, later] });
    await changeCalendar(rig.duty, rig.us, calendar.id, { name: "Tokyo office", versions: [rules, later] });
    expect([await working("2026-01-05T09:30+09:00"), await working("2026-02-02T09:30+09:00")]).toEqual([true, false]);
    const layer = rotation({ restriction: { calendar: { id: calendar.id, when: "working-time" } } });
    const schedule = await make({ layers: [layer] });
    expect(await codeOf(deleteCalendar(rig.duty, rig.us, calendar.id))).toBe("conflict");
    await deleteSchedule(rig.duty, rig.us, schedule.id);
    await deleteCalendar(rig.duty, rig.us, calendar.id);
    expect(await codeOf(make({ layers: [layer] }))).toBe("invalid-input");
    expect((await people.acts()).map((act) => act.verb)).toEqual([
      "calendar.created",
      "calendar.changed",
      "schedule.created",
      "schedule.deleted",
      "calendar.deleted",
    ]);
  });

  test("that come with the product are known to all and changed by nobody", async () => {
    const working = (id: string, text: string, zone?: string) =>
      rig.duty.db.tx(inside(rig.us), (tx) => rig.duty.isWorkingTime(tx, id, instant(text), zone));
    expect(await working("business-days", "2026-12-29T10:00+09:00")).toBe(false);
    expect(await working("weekdays", "2026-12-29T10:00+09:00")).toBe(true);
    expect(await working("weekdays", "2026-12-29T10:00+09:00", "America/New_York")).toBe(false);
    expect(await codeOf(working("missing", "2026-12-29T10:00+09:00"))).toBe("not-found");
    expect(await codeOf(changeCalendar(rig.duty, rig.us, "weekdays", { name: "x", versions: [rules] }))).toBe("conflict");
    expect(await codeOf(deleteCalendar(rig.duty, rig.us, "business-days"))).toBe("conflict");
    expect(await codeOf(createCalendar(rig.duty, rig.us, { name: "x", versions: [{ ...rules, from: "2026-01-01" }] }))).toBe(
      "invalid-input",
    );
  });
});
