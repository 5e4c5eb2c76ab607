import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { seconds } from "#base/duration";
import { followEvents } from "#kit/live";
import { stillClock, type StillClock } from "../testing/still-clock.ts";

/** The streams that were opened, and a way to let something happen on one. */
class FakeEventSource extends EventTarget {
  static readonly opened: FakeEventSource[] = [];
  isOpen = true;

  constructor() {
    super();
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.isOpen = false;
  }

  say(topic: string): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ topic }) }));
  }
}

const openStreams = (): FakeEventSource[] => FakeEventSource.opened.filter((one) => one.isOpen);

let ends: (() => void)[] = [];

/** Follows until the test is over; gives what was told. */
function follow(clock: StillClock): readonly string[][] {
  const told: string[][] = [];
  ends.push(followEvents("/events", clock, (topics) => void told.push([...topics])));
  return told;
}

function show(isHidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(isHidden);
  document.dispatchEvent(new Event("visibilitychange"));
}

beforeEach(() => {
  FakeEventSource.opened.length = 0;
  vi.stubGlobal("EventSource", FakeEventSource);
});
afterEach(() => {
  for (const end of ends) end();
  ends = [];
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("what comes within a moment is told at once, each topic once", () => {
  const clock = stillClock();
  const told = follow(clock);
  for (const topic of ["ledger", "hosts", "ledger"]) openStreams()[0]?.say(topic);
  expect(told).toEqual([]);
  clock.advance(seconds(1));
  expect(told).toEqual([["ledger", "hosts"]]);
});

test("a hidden page listens to nothing, and looks at everything again when it is shown", () => {
  const clock = stillClock();
  const told = follow(clock);
  openStreams()[0]?.dispatchEvent(new Event("open"));
  show(true);
  expect(openStreams()).toEqual([]);
  show(false);
  expect(openStreams()).toHaveLength(1);
  openStreams()[0]?.dispatchEvent(new Event("open"));
  clock.advance(seconds(1));
  expect(told).toEqual([["*"]]);
});

test("a stream that broke and came back looks at everything again", () => {
  const clock = stillClock();
  const told = follow(clock);
  const [stream] = openStreams();
  for (const event of ["open", "error", "open"]) stream?.dispatchEvent(new Event(event));
  clock.advance(seconds(1));
  expect(told).toEqual([["*"]]);
});

test("ending it closes the stream for good and leaves no timer", () => {
  const clock = stillClock();
  const end = followEvents("/events", clock, () => undefined);
  openStreams()[0]?.say("hosts");
  end();
  show(false);
  expect(openStreams()).toEqual([]);
  expect(clock.waiting()).toEqual([]);
});
