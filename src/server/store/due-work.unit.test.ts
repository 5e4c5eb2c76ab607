import { expect, test, vi } from "vitest";
import { addTime, seconds, type UnixMs } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { DueWork, type Looked } from "./due-work.ts";

const rig = (answers: (clock: FakeClock) => UnixMs | undefined) => {
  const clock = new FakeClock();
  const look = vi.fn<() => Promise<Looked>>(async () => ({ nextAt: answers(clock) }));
  const onError = vi.fn<(error: unknown) => void>();
  return { clock, look, onError, work: new DueWork({ name: "work", clock, look, onError }) };
};

test("work is looked at when its next piece falls due", async () => {
  const { clock, look, work } = rig((at) => addTime(at.now(), seconds(2)));
  work.start();
  await work.settled();
  await clock.advance(seconds(1));
  expect(look).toHaveBeenCalledTimes(1);
  await clock.advance(seconds(1));
  expect(look).toHaveBeenCalledTimes(2);
  await work.stop();
});

test("a lost hint delays work by no more than five seconds", async () => {
  const { clock, look, work } = rig(() => undefined);
  work.start();
  await work.settled();
  await clock.advance(seconds(5));
  expect(look).toHaveBeenCalledTimes(2);
  await work.stop();
  await clock.advance(seconds(20));
  expect(look).toHaveBeenCalledTimes(2);
});

test("a hint during a look causes another look after it", async () => {
  const { look, work } = rig(() => undefined);
  work.start();
  work.wake();
  work.wake();
  await work.settled();
  expect(look).toHaveBeenCalledTimes(2);
  await work.stop();
});

test("a look that fails is reported and tried again", async () => {
  const { clock, look, onError, work } = rig(() => undefined);
  look.mockRejectedValueOnce(new Error("the database is away"));
  work.start();
  await work.settled();
  expect(onError).toHaveBeenCalledTimes(1);
  await clock.advance(seconds(5));
  expect(look).toHaveBeenCalledTimes(2);
  await work.stop();
});
