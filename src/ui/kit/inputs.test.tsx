import { act, fireEvent, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import { millis } from "#base/duration";
import { topicOf } from "#kit/live";
import type { RangeSearch } from "#kit/range";
import { useShortcuts, type Shortcuts } from "#kit/shortcuts";
import { renderUi } from "../testing/render.tsx";
import { stillClock } from "../testing/still-clock.ts";
import { SearchField } from "./SearchField.tsx";
import { TimeRangePicker } from "./TimeRangePicker.tsx";

describe("the search field", () => {
  test("asks once, when typing pauses", async () => {
    const clock = stillClock();
    const onChange = vi.fn<(text: string) => void>();
    renderUi(<SearchField label="Hosts" value="" onChange={onChange} />, { clock });
    await userEvent.setup().type(screen.getByLabelText("Hosts"), " web ");
    expect(onChange).not.toHaveBeenCalled();
    act(() => clock.advance(millis(300)));
    expect(onChange.mock.calls).toEqual([["web"]]);
  });
  test("is emptied by Escape", async () => {
    const clock = stillClock();
    const onChange = vi.fn<(text: string) => void>();
    renderUi(<SearchField label="Hosts" value="web" onChange={onChange} />, { clock });
    await userEvent.setup().type(screen.getByLabelText("Hosts"), "{Escape}");
    act(() => clock.advance(millis(300)));
    expect(onChange.mock.calls).toEqual([[""]]);
  });
});

describe("shortcuts", () => {
  function Listening({ shortcuts }: { readonly shortcuts: Shortcuts }) {
    useShortcuts(shortcuts);
    return <input aria-label="field" />;
  }
  test("take single keys and pairs in time, and nothing while somebody types", () => {
    const clock = stillClock();
    const [slash, hosts] = [vi.fn<() => void>(), vi.fn<() => void>()];
    renderUi(<Listening shortcuts={{ "/": slash, "g h": hosts }} />, { clock });
    const press = (key: string, target: Element = document.body) => fireEvent.keyDown(target, { key });
    press("/");
    press("g");
    press("h");
    expect([slash.mock.calls.length, hosts.mock.calls.length]).toEqual([1, 1]);
    press("g");
    clock.advance(millis(2000));
    press("h");
    press("/", screen.getByLabelText("field"));
    fireEvent.keyDown(document.body, { key: "/", ctrlKey: true });
    expect([slash.mock.calls.length, hosts.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("the time range", () => {
  test("changes by preset and steps back from live to a fixed span", async () => {
    const user = userEvent.setup();
    const onChange = vi.fn<(range: RangeSearch) => void>();
    renderUi(<TimeRangePicker value={{ range: "3h" }} onChange={onChange} />, { clock: stillClock() });
    expect(screen.getByText("Live")).toBeTruthy();
    await user.selectOptions(screen.getByRole("combobox", { name: "Time range" }), "1d");
    expect(onChange).toHaveBeenLastCalledWith({ range: "1d" });
    await user.click(screen.getByRole("button", { name: "Earlier" }));
    expect(onChange.mock.lastCall?.[0]).toMatchObject({ to: expect.any(Number) });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Later" }).disabled).toBe(true);
  });
  test("that is fixed shows its span in the reader's zone and leads back to live", async () => {
    const onChange = vi.fn<(range: RangeSearch) => void>();
    const from = Date.UTC(2026, 10, 22, 0, 0) / 1000;
    renderUi(<TimeRangePicker value={{ from, to: from + 3600 }} onChange={onChange} />, { clock: stillClock() });
    expect(screen.getByRole("button", { name: "Nov 22 09:00 – 10:00" })).toBeTruthy();
    await userEvent.setup().click(screen.getByRole("button", { name: "Back to live" }));
    expect(onChange).toHaveBeenCalledWith({ range: "1h" });
  });
});

test("an event that cannot be read means that everything may have changed", () => {
  expect(topicOf('{"topic":"ledger"}')).toBe("ledger");
  expect([topicOf("{"), topicOf('{"topic":1}'), topicOf(undefined)]).toEqual(["*", "*", "*"]);
});
