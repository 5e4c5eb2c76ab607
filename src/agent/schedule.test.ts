import { expect, test } from "vitest";
import { minutes, millis, seconds, unixMs, type UnixSeconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { createLog } from "./log.ts";
import { keepMinutes } from "./schedule.ts";

const start = Date.UTC(2026, 10, 22, 12, 0, 20);

function rig(at = start): { clock: FakeClock; taken: string[]; lines: string[]; stop: AbortController } {
  const clock = new FakeClock(unixMs(at));
  const taken: string[] = [];
  const lines: string[] = [];
  const stop = new AbortController();
  const take = async (time: UnixSeconds, isFirst: boolean): Promise<void> => {
    taken.push(
      `${new Date(time * 1000).toISOString().slice(11, 19)}${isFirst ? " first" : ""} at ${new Date(clock.now()).toISOString().slice(11, 19)}`,
    );
  };
  void keepMinutes({ clock, log: createLog((text) => void lines.push(text), clock), firstInterval: seconds(3), take }, stop.signal);
  return { clock, taken, lines, stop };
}

test("the first values come after 3 s, the second 10 s later, then each full minute; times are full minutes", async () => {
  const { clock, taken, stop } = rig();
  await clock.advance(minutes(3));
  expect(taken).toEqual([
    "12:00:00 first at 12:00:23",
    "12:00:00 first at 12:00:33",
    "12:01:00 at 12:01:00",
    "12:02:00 at 12:02:00",
    "12:03:00 at 12:03:00",
  ]);
  stop.abort();
  await clock.advance(minutes(5));
  expect(taken).toHaveLength(5);
  expect(clock.timers).toEqual([]);
});

test("a start just before the full minute keeps the minute and the short samples", async () => {
  const { clock, taken } = rig(Date.UTC(2026, 10, 22, 12, 0, 58));
  await clock.advance(seconds(30));
  expect(taken).toEqual(["12:01:00 at 12:01:00", "12:01:00 first at 12:01:01", "12:01:00 first at 12:01:11"]);
});

test("when the clock is set forward the minutes go on in the new time, none is made up for the skipped ones", async () => {
  const { clock, taken, lines } = rig();
  await clock.advance(minutes(1));
  clock.jumpTo(unixMs(clock.now() + minutes(90)));
  await clock.advance(minutes(2));
  expect(taken.slice(3)).toEqual(["13:32:00 at 13:32:00", "13:33:00 at 13:33:00"]);
  expect(lines.join("")).toContain("The clock of this machine was set. by=5400s");
});

test("when the clock is set back the next value comes within a minute of the new time", async () => {
  const { clock, taken, lines } = rig();
  await clock.advance(minutes(1));
  clock.jumpTo(unixMs(clock.now() - minutes(90)));
  await clock.advance(minutes(2));
  expect(taken.slice(3)).toEqual(["10:32:00 at 10:32:00", "10:33:00 at 10:33:00"]);
  expect(lines.join("")).toContain("by=-5400s");
});

test("a clock that was never set gives no values until it is", async () => {
  const { clock, taken, lines } = rig(0);
  await clock.advance(minutes(3));
  expect(taken).toEqual([]);
  expect(lines.filter((line) => line.includes("is not set"))).toHaveLength(1);
  clock.jumpTo(unixMs(start));
  await clock.advance(millis(60_000));
  expect(taken).toEqual(["12:01:00 at 12:01:20"]); // the timer was started before the clock was set
});
