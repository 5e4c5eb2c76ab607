import { describe } from "vitest";
import { unixMs } from "#base/duration";
import { metricStoreContract } from "#ports/metric-store/contract";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { vitestApi } from "#test/embedded-metric-store";
import { FakeClock } from "#test/fake-clock";

describe("the metric store in memory", () => {
  metricStoreContract(vitestApi, () => {
    const clock = new FakeClock(unixMs(Date.UTC(2026, 0, 5, 6, 0, 0)));
    const store = new FakeMetricStore(clock);
    return Promise.resolve({
      store: () => store,
      now: () => Math.floor(clock.now() / 1000),
      advance: (seconds: number) => {
        clock.jumpTo(unixMs(clock.now() + seconds * 1000));
        return Promise.resolve();
      },
      settle: () => Promise.resolve(),
      reopen: () => Promise.resolve(),
      breakDisk: () => store.breakDisk(),
      fillDisk: () => store.fillDisk(),
      freeDisk: () => store.freeDisk(),
      close: () => store.close(),
    });
  });
});
