import { fireEvent, screen, waitFor } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import {
  createDowntime,
  endDowntime,
  recurrenceTypes,
  startDowntime,
  weekdayNames,
  type Downtime,
  type NewDowntime,
} from "#wire/downtimes";
import type { MemberRole } from "#wire/permissions";
import type { Call } from "#kit/call";
import { makeFormat } from "#kit/format";
import { MembershipContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { stillClock } from "../../testing/still-clock.ts";
import { DowntimeDialog } from "./DowntimeDialog.tsx";
import { downtimeOf, valuesOf } from "./downtime-form.ts";
import { parseDowntimesSearch } from "./downtimes-search.ts";
import { messages } from "./messages.ts";
import { QuietMenu } from "./QuietMenu.tsx";
import { repeatText, scopeLines, windowText } from "./words.ts";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

const now = unixMs(Date.parse("2026-11-22T09:00:00+09:00"));
const seconds = Math.floor(now / 1000);
const [en, ja] = [makeFormat("en", "Asia/Tokyo"), makeFormat("ja", "Asia/Tokyo")];

const downtime = (more: Partial<Downtime> = {}): Downtime => ({
  id: "d",
  name: "Work",
  names: {},
  state: "active",
  window: { from: now, to: now + 3_600_000 },
  start: seconds,
  duration: 60,
  createdAt: now,
  ...more,
});

interface Asked {
  readonly operation: unknown;
  readonly body: unknown;
}

/** Answers lists with what is given, and keeps the acts. */
function caller(active: readonly Downtime[] = []): { readonly call: Call; readonly acts: Asked[] } {
  const acts: Asked[] = [];
  const answer = async (operation: { readonly method: string; readonly path: string }, { body }: { body?: unknown } = {}) => {
    if (operation.path.endsWith("/preview")) return { windows: [{ from: now, to: now + 3_600_000 }], timeZone: "Asia/Tokyo" };
    if (operation.method !== "GET") {
      acts.push({ operation, body });
      return downtime();
    }
    if (operation.path.endsWith("/downtimes")) return { downtimes: active, total: active.length };
    if (operation.path.endsWith("/services"))
      return { services: [{ name: "Shop", memo: "", hosts: 0, createdAt: 0, roles: [] }], total: 1 };
    if (operation.path.endsWith("/hosts")) return { hosts: [], total: 0 };
    return { monitors: [], total: 0, counts: { all: 0, bad: 0, muted: 0 } };
  };
  return { call: answer as unknown as Call, acts }; // the pieces under test ask for nothing else
}

const within = (ui: React.ReactNode, role: MemberRole = "collaborator") => (
  <MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role }}>{ui}</MembershipContext>
);

describe("the words of a downtime", () => {
  test.each([
    [undefined, "Does not repeat", "繰り返さない"],
    [{ type: "daily", interval: 1 }, "Every day", "毎日"],
    [{ type: "hourly", interval: 6 }, "Every 6 hours", "6 時間ごと"],
    [{ type: "weekly", interval: 2, weekdays: ["Sunday", "Monday"] }, "Every 2 weeks on Mon, Sun", "2 週ごと 月・日"],
    [{ type: "monthly", interval: 1, until: seconds }, "Every month, until Nov 22, 2026", "毎月, 2026年11月22日 まで"],
    [{ type: "yearly", interval: 3 }, "Every 3 years", "3 年ごと"],
  ] as const)("say how it comes again: %j", (recurrence, english, japanese) => {
    const given = recurrence as NewDowntime["recurrence"]; // readonly in the table
    expect(repeatText(given, messages.en as never, en)).toBe(english);
    expect(repeatText(given, messages.ja as never, ja)).toBe(japanese);
  });

  test("say what it covers, by the names that people know, and how many more", () => {
    const of = downtime({
      hostScopes: ["a", "b", "c", "d"],
      names: { a: "web01", b: "web02", c: "web03" },
      serviceExcludeScopes: ["Blog"],
    });
    expect(scopeLines(of, messages.en as never, en)).toEqual(["Hosts: web01, web02, web03 and 1 more", "Except services: Blog"]);
    expect(scopeLines(downtime(), messages.en as never, en)).toEqual(["Everything"]);
  });

  test("say until when it holds, when it comes, or that it never does", () => {
    expect(windowText(downtime(), messages.en as never, en)).toBe("until Nov 22, 2026, 10:00");
    expect(windowText(downtime({ state: "planned" }), messages.en as never, en)).toBe("Nov 22, 2026, 09:00 – 10:00");
    const { window: _none, ...over } = downtime({ state: "over" });
    expect(windowText(over, messages.en as never, en)).toBe("Not any more");
  });
});

test("the form gives back what it was given, seconds and all", () => {
  const list = fc.uniqueArray(fc.constantFrom("A", "B", "C"), { minLength: 1 });
  const days = fc.uniqueArray(fc.constantFrom(...weekdayNames), { minLength: 1 });
  const minute = fc.integer({ min: 25_000_000, max: 35_000_000 });
  const given = fc.record(
    {
      name: fc.constantFrom("Work", "夜間"),
      memo: fc.constantFrom("a", "b\nc"),
      start: fc.integer({ min: 1_500_000_000, max: 2_000_000_000 }),
      duration: fc.integer({ min: 1, max: 100_000 }),
      recurrence: fc.record(
        { type: fc.constantFrom(...recurrenceTypes), interval: fc.integer({ min: 1, max: 50 }), until: minute.map((n) => n * 60) },
        { requiredKeys: ["type", "interval"] },
      ),
      serviceScopes: list,
      hostScopes: list,
      monitorExcludeScopes: list,
    },
    { requiredKeys: ["name", "start", "duration"] },
  );
  fc.assert(
    fc.property(given, days, (some, weekdays) => {
      const { recurrence, ...rest } = some;
      const isWeekly = recurrence?.type === "weekly";
      const wanted = {
        ...rest,
        ...(recurrence ? { recurrence: { ...recurrence, ...(isWeekly ? { weekdays } : {}) } } : {}),
      } as NewDowntime;
      expect(downtimeOf(valuesOf(wanted, now, en), en, wanted.start)).toEqual(wanted);
    }),
  );
});

test("an address that makes no sense asks for everything", () => {
  expect(parseDowntimesSearch({ state: "gone", page: "-1", text: "" })).toEqual({ state: undefined, page: undefined, text: undefined });
  expect(parseDowntimesSearch({ state: "over", page: "2", text: "x" })).toEqual({ state: "over", page: 2, text: "x" });
});

describe("making a host quiet", () => {
  test("takes two clicks and one call", async () => {
    const { call, acts } = caller();
    renderUi(within(<QuietMenu name="web01" of={{ host: "h1" }} />), { call, clock: stillClock(now) });
    fireEvent.click(await screen.findByRole("button", { name: "Make quiet" }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "For 1 hour" }));
    await waitFor(() => expect(acts).toHaveLength(1));
    expect(acts[0]).toEqual({ operation: startDowntime, body: { minutes: 60, name: "web01 is quiet", hostScopes: ["h1"] } });
    expect(await screen.findByText("web01 is quiet until 10:00")).toBeTruthy();
  });

  test("says until when it is quiet already, and ends that after asking", async () => {
    const { call, acts } = caller([downtime()]);
    renderUi(within(<QuietMenu name="Shop" of={{ service: "Shop" }} />), { call, clock: stillClock(now), language: "ja" });
    fireEvent.click(await screen.findByRole("button", { name: /10:00 まで静か/u }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "今すぐ終了: Work" }));
    expect(acts).toEqual([]);
    fireEvent.click(await screen.findByRole("button", { name: "今すぐ終了" }));
    await waitFor(() => expect(acts.map(({ operation }) => operation)).toEqual([endDowntime]));
  });

  test("is not offered to viewers, who see that it is", async () => {
    const { call } = caller([downtime()]);
    renderUi(within(<QuietMenu name="web01" of={{ host: "h1" }} />, "viewer"), { call, clock: stillClock(now) });
    expect(await screen.findByText(/Quiet until/u)).toBeTruthy();
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("adding a downtime", () => {
  const open = () => {
    const asked = caller();
    renderUi(within(<DowntimeDialog downtime={undefined} onClose={() => undefined} />), { call: asked.call, clock: stillClock(now) });
    return asked;
  };
  const save = () => fireEvent.click(screen.getByRole("button", { name: "Add downtime" }));

  test("shows when it would hold and sends what was typed", async () => {
    const { acts } = open();
    expect(await screen.findByText(/Sun Nov 22, 2026, 09:00 – 10:00/u)).toBeTruthy();
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "  Backup " } });
    fireEvent.change(screen.getByLabelText("Repeats"), { target: { value: "weekly" } });
    fireEvent.click(await screen.findByLabelText("Mon"));
    save();
    await waitFor(() => expect(acts).toHaveLength(1));
    expect(acts[0]).toEqual({
      operation: createDowntime,
      body: { name: "Backup", start: seconds, duration: 60, recurrence: { type: "weekly", interval: 1, weekdays: ["Monday"] } },
    });
  });

  test("asks for a name and for times that make sense before it sends anything", async () => {
    const { acts } = open();
    fireEvent.change(screen.getByLabelText("Begins", { exact: false, selector: "input" }), { target: { value: "" } });
    save();
    expect(await screen.findByText("Enter a date and a time.")).toBeTruthy();
    expect(acts).toEqual([]);
  });
});
