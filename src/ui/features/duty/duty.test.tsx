import { fireEvent, screen, waitFor } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hours, unixMs, type UnixMs } from "#base/duration";
import { dateText, parseDay } from "#base/wall-time";
import type { SignedIn } from "#wire/identity";
import { createOverride, type OnDutyNow, type Plan } from "#wire/duty";
import type { Call } from "#kit/call";
import { makeFormat } from "#kit/format";
import { MembershipContext, SessionContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { stillClock } from "../../testing/still-clock.ts";
import { Agenda } from "./Agenda.tsx";
import { crewOf } from "./people.ts";
import { PeopleOrder } from "./PeopleOrder.tsx";
import { changedLayer, draftOf, inputOf, layerFrom, moved, movedLayer, withLayer, withoutLayer, withUntil } from "./schedule-draft.ts";
import { TakeOverMenu } from "./TakeOverMenu.tsx";
import { Timeline, type Picked } from "./Timeline.tsx";
import { agendaOf, columnsOf, draggedSpan, parseScheduleSearch, placeOf, rangeOf, stepped, timeAt } from "./timeline-model.ts";

const at = (text: string): UnixMs => unixMs(Date.parse(text));
const day = (text: string): number => parseDay(text) ?? 0;
const people = [
  { id: "h", name: "Hanako", state: "active" as const },
  { id: "t", name: "Taro", state: "active" as const },
];
const plan: Plan = {
  from: at("2026-11-22T00:00+09:00"),
  to: at("2026-11-24T00:00+09:00"),
  timeZone: "Asia/Tokyo",
  layers: [{ name: "Base", shifts: [{ personId: "h", from: at("2026-11-22T09:00+09:00"), to: at("2026-11-23T09:00+09:00") }] }],
  shifts: [
    { from: at("2026-11-22T09:00+09:00"), to: at("2026-11-23T09:00+09:00"), people: ["h"], layer: 0, overrideIds: [] },
    { from: at("2026-11-23T09:00+09:00"), to: at("2026-11-24T00:00+09:00"), people: ["t", "h"], overrideIds: ["o"] },
  ],
  gaps: [{ from: at("2026-11-22T00:00+09:00"), to: at("2026-11-22T09:00+09:00") }],
  days: [
    { date: "2026-11-22", isWorking: false, isHoliday: false },
    { date: "2026-11-23", isWorking: false, isHoliday: true, name: { en: "Labor Thanksgiving Day", ja: "勤労感謝の日" } },
  ],
  people,
};
const crew = crewOf(people);

describe("the calendar's places", () => {
  test("are months and weeks of the zone, also over a change of clocks", () => {
    const month = rangeOf("month", day("2026-03-15"), "America/New_York");
    expect([month.from, month.to]).toEqual([at("2026-03-01T05:00Z"), at("2026-04-01T04:00Z")]);
    const week = rangeOf("week", day("2026-11-22"), "Asia/Tokyo");
    expect([week.from, week.to]).toEqual([at("2026-11-16T00:00+09:00"), at("2026-11-23T00:00+09:00")]);
    expect([stepped("month", day("2026-01-31"), 1), stepped("week", day("2026-11-22"), -1)]).toEqual(["2026-02-01", "2026-11-09"]);
  });

  test("put a span where it is, and nothing outside", () => {
    const range = { from: unixMs(100), to: unixMs(200) };
    expect(placeOf({ from: 125, to: 150 }, range)).toEqual({ left: 25, width: 25 });
    expect(placeOf({ from: 0, to: 110 }, range)).toEqual({ left: 0, width: 10 });
    expect(placeOf({ from: 190, to: 900 }, range)).toEqual({ left: 90, width: 10 });
  });

  test("a drag is at least half an hour, in order, on the half hour of the clock there", () => {
    const zones = fc.constantFrom("Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    const fraction = fc.double({ min: -0.2, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(zones, fraction, fraction, (zone, a, b) => {
        const range = rangeOf("month", day("2026-10-10"), zone);
        const span = draggedSpan(a, b, range, zone);
        expect(span.to - span.from).toBeGreaterThanOrEqual(hours(0.5));
        expect(span).toEqual(draggedSpan(b, a, range, zone));
      }),
    );
    const range = rangeOf("week", day("2026-11-22"), "Asia/Tokyo");
    expect(timeAt(0.5, range, "Asia/Tokyo")).toBe(at("2026-11-19T12:00+09:00"));
  });

  test("are read from the address, and nonsense is nothing", () => {
    expect(parseScheduleSearch({ view: "week", day: "2026-11-22" })).toEqual({ view: "week", day: "2026-11-22" });
    expect(parseScheduleSearch({ view: "year", day: "2026-02-30" })).toEqual({ view: undefined, day: undefined });
  });

  test("as a list each day has all of its time", () => {
    const lines = agendaOf(plan);
    expect(lines.map((one) => one.lines.map((line) => line.people.join("+")))).toEqual([
      ["", "h"],
      ["h", "t+h"],
    ]);
    for (const { column, lines: own } of lines) {
      expect(own[0]?.from).toBe(column.from);
      expect(own.at(-1)?.to).toBe(column.to);
    }
    expect(columnsOf(plan).map((column) => [column.number, column.weekday])).toEqual([
      [22, 0],
      [23, 1],
    ]);
  });
});

describe("the editor's draft", () => {
  const now = at("2026-11-22T12:00+09:00");

  test("gains, moves, changes and loses layers, and becomes what is saved", () => {
    let draft = draftOf(undefined, "Asia/Tokyo");
    draft = withLayer(draft, layerFrom("weekly", "Base", now, "Asia/Tokyo"));
    draft = withLayer(draft, layerFrom("nights", "Nights", now, "Asia/Tokyo"));
    draft = withLayer(draft, layerFrom("office", "Office", now, "Asia/Tokyo"));
    const names = (): string[] => draft.layers.map(({ layer }) => layer.name);
    draft = movedLayer(draft, 0, 1);
    expect(names()).toEqual(["Nights", "Base", "Office"]);
    draft = movedLayer(draft, 2, 1);
    expect(names()).toEqual(["Nights", "Base", "Office"]);
    draft = withoutLayer(draft, 1);
    draft = changedLayer(draft, 2, { ...layerFrom("daily", "Days", now, "Asia/Tokyo"), people: ["h"] });
    expect(names()).toEqual(["Base", "Days"]);
    const input = inputOf({ ...draft, name: " Night ", teamId: "team" });
    expect(input).toMatchObject({ name: "Night", teamId: "team", layers: [{ start: "2026-11-16T09:00" }, { start: "2026-11-22T09:00" }] });
    expect(input).not.toHaveProperty("channelId");
  });

  test("weekly layers begin on this week's Monday, whatever the day", () => {
    for (let shift = 0; shift < 7; shift += 1) {
      const layer = layerFrom("weekly", "x", unixMs(at("2026-11-16T00:30+09:00") + shift * hours(24)), "Asia/Tokyo");
      expect(layer.start).toBe("2026-11-16T09:00");
    }
    expect(dateText(day("2026-11-16"))).toBe("2026-11-16");
  });

  test("ends when it is said, and never when nothing is", () => {
    const layer = layerFrom("daily", "x", now, "Asia/Tokyo");
    expect(withUntil(layer, "2026-12-01").until).toBe("2026-12-01T09:00");
    expect(withUntil(withUntil(layer, "2026-12-01"), "")).not.toHaveProperty("until");
  });

  test("lists keep their entries when one is moved", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.integer({ min: -2, max: 12 }), fc.integer({ min: -3, max: 3 }), (list, index, by) => {
        expect(moved(list, index, by).toSorted((a, b) => a - b)).toEqual(list.toSorted((a, b) => a - b));
      }),
    );
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  });
});

const session = { signedIn: true, person: { id: "me" }, memberships: [] } as unknown as SignedIn; // only the id is asked for
const membership = { name: "main", role: "owner" } as unknown as Parameters<typeof MembershipContext>[0]["value"]; // as far as it is asked for
const inside = (ui: React.ReactNode) => (
  <SessionContext value={session}>
    <MembershipContext value={membership}>{ui}</MembershipContext>
  </SessionContext>
);

describe("the timeline", () => {
  const format = makeFormat("en", "Asia/Tokyo");

  test("has a row for each layer and one for who is on duty in the end, with the gap", () => {
    renderUi(<Timeline name="Night" plan={plan} crew={crew} format={format} />);
    expect(screen.getByRole("region", { name: "Shifts of Night" })).toBeTruthy();
    expect(screen.getByRole("list", { name: "Layer: Base" }).textContent).toContain("Hanako");
    const last = screen.getByRole("list", { name: "On duty" });
    expect(last.textContent).toContain("Gap");
    expect(last.textContent).toContain("Taro, Hanako");
    expect(screen.queryAllByRole("button")).toEqual([]);
  });

  test("a shift that is pressed, by keyboard too, is what is overridden", () => {
    const picked: Picked[] = [];
    renderUi(<Timeline name="Night" plan={plan} crew={crew} format={format} onPick={(one) => picked.push(one)} />);
    const button = screen.getByRole("button", { name: /^Taro, Hanako/u });
    button.focus();
    expect(document.activeElement).toBe(button);
    fireEvent.click(button);
    expect(picked).toEqual([{ from: plan.shifts[1]?.from, to: plan.to, people: ["t", "h"] }]);
  });

  test("on a phone is a list of days with holidays by name", () => {
    const picked: Picked[] = [];
    renderUi(<Agenda name="Night" plan={plan} crew={crew} format={format} onPick={(one) => picked.push(one)} />);
    expect(screen.getByText("Labor Thanksgiving Day")).toBeTruthy();
    expect(screen.getByText("00:00–09:00 Gap")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: /^09:00–24:00 Hanako/u }));
    expect(picked[0]?.from).toBe(at("2026-11-22T09:00+09:00"));
  });
});

describe("taking over", () => {
  const schedule: OnDutyNow = { scheduleId: "s", scheduleName: "Night", timeZone: "Asia/Tokyo", people: [], since: 0, next: [] };

  test("takes two presses, and one call that says from now for so many hours", async () => {
    const clock = stillClock();
    const calls: unknown[] = [];
    const call: Call = (contract, input) => {
      calls.push([contract === (createOverride as unknown), input]);
      return Promise.resolve({} as never); // what it answers is not looked at
    };
    renderUi(inside(<TakeOverMenu schedule={schedule} />), { clock, call });
    fireEvent.click(screen.getByRole("button", { name: "Take over Night" }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "for 4 h" }));
    await waitFor(() => expect(calls).toHaveLength(1));
    const now = clock.now();
    const body = { kind: "replace", personId: "me", from: now, to: now + hours(4) };
    expect(calls).toEqual([[true, { params: { org: "main", id: "s" }, body }]]);
  });
});

describe("people in an order", () => {
  test("move and leave by buttons that say whom they move", () => {
    let ids: string[] = ["h", "t"];
    const choices = people.map(({ id, name }) => ({ value: id, label: name }));
    const show = () =>
      renderUi(<PeopleOrder label="People" hint="" ids={ids} choices={choices} nameOf={(id) => id} onChange={(next) => (ids = next)} />);
    const { unmount } = show();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Move Hanako up" }).disabled).toBe(true);
    fireEvent.click(screen.getByRole("button", { name: "Move Hanako down" }));
    expect(ids).toEqual(["t", "h"]);
    unmount();
    show();
    fireEvent.click(screen.getByRole("button", { name: "Remove Taro" }));
    expect(ids).toEqual(["h"]);
  });
});
