import { describe, expect, test } from "vitest";
import { hours, unixMs } from "#base/duration";
import { calendarText } from "./calendar-text.ts";
import { changeSchedule } from "./change-schedule.ts";
import { createAbsence } from "./create-absence.ts";
import { createFeed } from "./create-feed.ts";
import { createTeam } from "./create-team.ts";
import { deleteAbsence } from "./delete-absence.ts";
import { openDuty } from "./duty.ts";
import { broughtText } from "./fetch-calendar.ts";
import { findFeed, readFeed } from "./feeds.ts";
import { packagedHolidays } from "./holidays.ts";
import { importAbsences } from "./import-absences.ts";
import { qualityOf } from "./plans.ts";
import { revokeFeed } from "./revoke-feed.ts";
import { readShiftFile } from "./shift-file.ts";
import { codeOf, idOf, inside, instant, withDuty } from "#test/duty-rig";
import { changeMember, removeMember } from "#test/verbs";

const rig = withDuty();
const { people, rotation, make, onDuty } = rig;

describe("absences", () => {
  test("leave the place to others while they last; each with its entry", async () => {
    const low = rotation({ people: [idOf(rig.jiro)] });
    const schedule = await make({ layers: [low, rotation()] });
    await people.acts();
    const absence = await createAbsence(rig.duty, rig.us, {
      personId: idOf(rig.hanako),
      from: people.clock.now(),
      to: people.clock.now() + hours(1),
    });
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.jiro)]);
    await deleteAbsence(rig.duty, rig.us, absence.id);
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.hanako)]);
    expect((await people.acts()).map((act) => act.verb)).toEqual(["absence.created", "absence.deleted"]);
    expect(await codeOf(deleteAbsence(rig.duty, rig.us, absence.id))).toBe("not-found");
    expect(await codeOf(createAbsence(rig.duty, rig.us, { personId: idOf(rig.hanako), from: 1, to: 2 }))).toBe("invalid-input");
  });

  test("come from a file, and replace what came from it before", async () => {
    const text = (day: string): string =>
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Leave\r\nDTSTART;VALUE=DATE:${day}\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    const schedule = await make();
    await people.acts();
    const read = (day: string) => importAbsences(rig.duty, rig.us, { personId: idOf(rig.hanako), source: "leave.ics", text: text(day) });
    expect(await read("20260111")).toEqual({ absences: 3, replaced: 0 });
    expect(await onDuty(schedule.id, instant("2026-01-11T12:00+09:00"))).toEqual([]);
    expect(await read("20260112")).toEqual({ absences: 3, replaced: 3 });
    expect(await onDuty(schedule.id, instant("2026-01-11T12:00+09:00"))).toEqual([idOf(rig.hanako)]);
    expect((await people.acts()).map((act) => act.verb)).toEqual(["absence.imported", "absence.imported"]);
    expect(await codeOf(importAbsences(rig.duty, rig.us, { personId: idOf(rig.hanako), source: "x", text: "x" }))).toBe("invalid-input");
    expect(await read("20250101")).toEqual({ absences: 0, replaced: 3 });
  });
});

describe("shift files", () => {
  test("name people by name, address or title; nobody knows the others", async () => {
    const text = "date,name\n2026-02-01,hanako@example.jp\n2026-02-02,当番: Name of TARO@example.jp\n2026-02-03,Nobody\n2026-02-04,Boss\n";
    const read = await rig.duty.db.tx(inside(rig.us), (tx) =>
      readShiftFile(
        tx,
        { format: "csv", timeZone: "Asia/Tokyo", text, people: [{ name: "Boss", personId: idOf(rig.jiro) }] },
        people.clock.now(),
      ),
    );
    expect(read.shifts.map((shift) => shift.personId)).toEqual([idOf(rig.hanako), idOf(rig.taro), idOf(rig.jiro)]);
    expect(read.unknown).toEqual([{ name: "Nobody", shifts: 1 }]);
    const schedule = await make({ layers: [{ kind: "table", name: "February", shifts: [...read.shifts] }] });
    expect(await onDuty(schedule.id, instant("2026-02-02T12:00+09:00"))).toEqual([idOf(rig.taro)]);
  });

  test("that we wrote are read back as the same shifts", async () => {
    const schedule = await make();
    const text = await rig.duty.db.tx(inside(rig.us), (tx) => calendarText(rig.duty, tx, { scheduleId: schedule.id }));
    const read = await rig.duty.db.tx(inside(rig.us), (tx) =>
      readShiftFile(tx, { format: "ics", timeZone: "UTC", text, people: [] }, people.clock.now()),
    );
    const copy = await make({ layers: [{ kind: "table", name: "copy", shifts: [...read.shifts] }] });
    for (let when = people.clock.now(); when < people.clock.now() + hours(24 * 30); when = unixMs(when + hours(5))) {
      expect(await onDuty(copy.id, when)).toEqual(await onDuty(schedule.id, when));
    }
  });
});

describe("secret calendar addresses", () => {
  test("open a schedule or a person's shifts until they are revoked", async () => {
    const schedule = await make();
    await people.acts();
    const { feed, path } = await createFeed(rig.duty, rig.us, { scheduleId: schedule.id });
    const token = /^\/duty-calendar\/([\w-]{32})\.ics$/u.exec(path)?.[1] ?? "";
    const read = async () => {
      const found = await findFeed(rig.duty.db, token);
      return found && rig.duty.db.tx({ organisationId: found.organisationId }, (tx) => readFeed(rig.duty, tx, found.id));
    };
    const text = (await read()) ?? "";
    expect(text).toContain(`UID:${schedule.id}-${idOf(rig.hanako)}-`.slice(0, 70));
    await people.clock.advance(hours(7));
    const uids = (of: string): string[] =>
      of
        .replaceAll("\r\n ", "")
        .split("\r\n")
        .filter((line) => line.startsWith("UID:"));
    expect(uids((await read()) ?? "")).toEqual(uids(text));
    await revokeFeed(rig.duty, rig.us, feed.id);
    expect(await read()).toBeUndefined();
    expect(await codeOf(revokeFeed(rig.duty, rig.us, feed.id))).toBe("not-found");
    const own = await createFeed(rig.duty, rig.us, { personId: idOf(rig.taro) });
    const theirs = await rig.duty.db.tx(inside(rig.us), (tx) => readFeed(rig.duty, tx, own.feed.id));
    expect(theirs).toContain(`SUMMARY:${schedule.name}`);
    expect((await people.acts()).map((act) => act.verb)).toEqual(["duty-feed.created", "duty-feed.revoked", "duty-feed.created"]);
    for (const wrong of [{}, { scheduleId: schedule.id, personId: idOf(rig.taro) }, { personId: "nobody" }]) {
      expect(await codeOf(createFeed(rig.duty, rig.us, wrong))).toBe("invalid-input");
    }
    const { rows } = await people.owner.query("select encode(digest, 'escape') as digest from duty_feed");
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe("people who are suspended or gone", () => {
  test("are a hole that is warned of, and no members any more", async () => {
    const gone = await people.join(people.first, "collaborator");
    const left = await people.join(people.first, "collaborator");
    const schedule = await make({ layers: [rotation({ people: [idOf(gone), idOf(left)] })] });
    const team = await createTeam(rig.duty, rig.us, {
      name: "Leaving",
      memberIds: [idOf(gone), idOf(left), idOf(rig.taro)],
      leadId: idOf(gone),
    });
    await changeMember(people.identity, rig.us, { personId: idOf(gone), state: "suspended" });
    await removeMember(people.identity, rig.us, idOf(left));
    const now = people.clock.now();
    expect(await onDuty(schedule.id)).toEqual([]);
    await rig.duty.db.tx(inside(rig.us), async (tx) => {
      expect(await rig.duty.membersOf(tx, team.id)).toEqual([idOf(rig.taro)]);
      expect(await rig.duty.leadOf(tx, team.id)).toBeUndefined();
      const { warnings } = await qualityOf(rig.duty, tx, await rig.duty.known(tx, schedule.id, now), now, unixMs(now + hours(48)));
      expect(warnings).toEqual([
        { kind: "gap", from: now, to: now + hours(48) },
        { kind: "suspended", personId: idOf(gone) },
        { kind: "left", personId: idOf(left) },
      ]);
    });
    // They may stay when the schedule is changed otherwise, and be named anew by nobody.
    expect(
      await codeOf(
        changeSchedule(rig.duty, rig.us, schedule.id, { ...rig.input(), layers: [rotation({ people: [idOf(gone), idOf(left)] })] }),
      ),
    ).toBe("done");
    expect(await codeOf(make({ layers: [rotation({ people: [idOf(left)] })] }))).toBe("invalid-input");
  });
});

describe("quality", () => {
  test("counts nights and days off, warns of what is out of balance and of people whom nobody reaches", async () => {
    const night = rotation({
      people: [idOf(rig.taro)],
      restriction: { hours: [{ weekdays: [0, 1, 2, 3, 4, 5, 6], from: "22:00", to: "07:00" }] },
    });
    const schedule = await make({ layers: [rotation({ people: [idOf(rig.hanako)] }), night] });
    const own = openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays() });
    own.extend({ reachable: async () => new Set([idOf(rig.hanako)]) });
    const [from, to] = [instant("2026-01-05T00:00+09:00"), instant("2026-01-12T00:00+09:00")];
    const quality = await own.db.tx(inside(rig.us), async (tx) =>
      qualityOf(own, tx, await own.known(tx, schedule.id, people.clock.now()), from, to),
    );
    expect(quality.load).toEqual([
      { personId: idOf(rig.hanako), minutes: 7 * 15 * 60, nightMinutes: 0, dayOffMinutes: 2 * 15 * 60, shifts: expect.any(Number) },
      { personId: idOf(rig.taro), minutes: 7 * 9 * 60, nightMinutes: 7 * 9 * 60, dayOffMinutes: 2 * 9 * 60, shifts: 8 },
    ]);
    const kinds = quality.warnings.map((warning) => warning.kind);
    expect(kinds).toContain("nobody-reachable");
    expect(kinds).toContain("unreachable");
    expect(quality.warnings).toContainEqual({ kind: "unbalanced", what: "nights", personId: idOf(rig.taro) });
  });
});

describe("a calendar under an address", () => {
  const answering = (status: number, text: string) => {
    const asked: string[] = [];
    const http = {
      send: ({ url }: { readonly url: string }) => {
        asked.push(url);
        return Promise.resolve({ status, text, headers: {}, bytes: new Uint8Array() });
      },
    };
    return { asked, duty: openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays(), http }) };
  };

  test("is read for somebody who may change duty, and for nobody else", async () => {
    const { asked, duty } = answering(200, "BEGIN:VCALENDAR");
    expect(await broughtText(duty, rig.us, { url: "webcal://calendar.example/a.ics" })).toBe("BEGIN:VCALENDAR");
    expect(await codeOf(broughtText(duty, rig.viewer.actor, { url: "https://calendar.example/a.ics" }))).toBe("forbidden");
    expect(asked).toEqual(["https://calendar.example/a.ics"]);
    expect(await broughtText(duty, rig.viewer.actor, { text: "x" })).toBe("x");
  });

  test("is refused when it answers with something else, or when nothing or both is given", async () => {
    const { duty } = answering(404, "");
    expect(await codeOf(broughtText(duty, rig.us, { url: "https://calendar.example/a.ics" }))).toBe("invalid-input");
    expect(await codeOf(broughtText(duty, rig.us, {}))).toBe("invalid-input");
    expect(await codeOf(broughtText(duty, rig.us, { text: "x", url: "https://calendar.example/a.ics" }))).toBe("invalid-input");
    expect(await codeOf(broughtText(rig.duty, rig.us, { url: "https://calendar.example/a.ics" }))).toBe("unavailable");
  });
});
