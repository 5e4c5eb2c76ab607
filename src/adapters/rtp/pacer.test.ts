import { expect, it } from "vitest";
import type { Clock, Timer } from "#base/clock";
import { millis, unixMs, type Millis } from "#base/duration";
import { Pacer, type Paced } from "./pacer.ts";

/** A machine that is as busy as a test wants: time passes, timers fire when they are let. */
class BusyClock implements Clock {
  time = 1000;
  readonly waiting = new Map<Timer, { readonly at: number; readonly task: () => void }>();

  now(): ReturnType<Clock["now"]> {
    return unixMs(this.time);
  }

  mono(): Millis {
    return millis(this.time);
  }

  after(name: string, delay: Millis, task: () => void): Timer {
    const timer = { name, cancel: () => void this.waiting.delete(timer) };
    this.waiting.set(timer, { at: this.time + delay, task });
    return timer;
  }

  every(): Timer {
    throw new Error("nobody asked for it");
  }

  sleep(): Promise<void> {
    throw new Error("nobody asked for it");
  }

  /** Time passes; what fell due is done now, not when it should have been. */
  freeze(by: number): void {
    this.time += by;
    for (let [next] = this.#due(); next; [next] = this.#due()) {
      const task = this.waiting.get(next)?.task;
      this.waiting.delete(next);
      task?.();
    }
  }

  run(by: number): void {
    for (let step = 0; step < by; step += 1) this.freeze(1);
  }

  #due(): Timer[] {
    return [...this.waiting].filter(([, { at }]) => at <= this.time).map(([timer]) => timer);
  }
}

class Call implements Paced {
  readonly frames: { readonly at: number; readonly skipped: number }[] = [];
  readonly #clock: BusyClock;

  constructor(clock: BusyClock) {
    this.#clock = clock;
  }

  frame(skipped: number): void {
    this.frames.push({ at: this.#clock.time, skipped });
  }
}

it("asks every call for a frame each 20 ms, with one timer, and not all in the same moment", () => {
  const clock = new BusyClock();
  const pacer = new Pacer(clock);
  const calls = Array.from({ length: 8 }, () => new Call(clock));
  for (const call of calls) pacer.add(call);
  clock.run(2000);
  expect(clock.waiting.size).toBe(1);
  for (const { frames } of calls) {
    expect(frames.length).toBeGreaterThanOrEqual(100);
    expect(frames.slice(1).every(({ at }, index) => Math.abs(at - (frames[index]?.at ?? 0) - 20) <= 1)).toBe(true);
  }
  expect(new Set(calls.map(({ frames }) => (frames[1]?.at ?? 0) % 20)).size).toBe(4);
});

it("catches up after a delay, and skips what is too late", () => {
  const clock = new BusyClock();
  const pacer = new Pacer(clock);
  const call = new Call(clock);
  pacer.add(call);
  clock.run(1000);
  const before = call.frames.length;
  clock.freeze(150);
  expect(call.frames.length - before).toBe(7);
  expect(call.frames.every(({ skipped }) => skipped === 0)).toBe(true);
  clock.run(5);
  clock.freeze(10_000);
  const late = call.frames.slice(before + 7).filter(({ skipped }) => skipped > 0);
  expect(late).toHaveLength(1);
  expect(call.frames.length - before).toBeLessThan(12);
  // Frames and skipped ones together are the time that passed.
  clock.run(1000);
  const sum = call.frames.reduce((total, { skipped }) => total + 1 + skipped, 0);
  expect(Math.abs(sum * 20 - (clock.time - 1000))).toBeLessThanOrEqual(21);
});

it("rests when there are no calls, and begins again", () => {
  const clock = new BusyClock();
  const pacer = new Pacer(clock);
  const first: Paced = { frame: () => pacer.remove(first) };
  pacer.add(first);
  clock.run(100);
  expect(clock.waiting.size).toBe(0);
  // One call ends and another begins within the same moment.
  const second = new Call(clock);
  const leaving: Paced = {
    frame: () => {
      pacer.remove(leaving);
      pacer.add(second);
    },
  };
  pacer.add(leaving);
  clock.run(1000);
  expect(clock.waiting.size).toBe(1);
  expect(Math.abs(second.frames.length - 50)).toBeLessThanOrEqual(1);
});
