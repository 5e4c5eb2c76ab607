import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { parseJson, textOf } from "#http";
import { FakeMetricStore } from "#ports/metric-store/fake";
import { FakeClock } from "#test/fake-clock";
import { fuzz } from "#test/fuzz";
import { PostScanner } from "./scan-post.ts";
import { definitionsIn, servicePointsIn } from "./v0-input.ts";

const isRefusal = (error: unknown): boolean => error instanceof HinobanError;

const posts = [
  '[{"hostId":"h1","name":"loadavg5","time":1795301640,"value":0.72},{"hostId":"h1","name":"cpu.user.percentage","time":1795301640,"value":12.5}]',
  '[{"hostId":"h1","name":"custom.a.b","time":1795301640,"value":-1.5e-7}, {"value":1,"time":1795301641,"name":"memory.used","hostId":"h2"}]',
  '[{"hostId":"\\u0068\\u0031","name":"x","time":1,"value":18014398509481984,"more":[{"deep":["er"]}]}]',
];

test("no broken post of metrics does more than refuse itself", () => {
  const store = new FakeMetricStore(new FakeClock(unixMs(0)));
  const scanner = new PostScanner(store);
  const { taken, refused } = fuzz(posts, (body) => scanner.scan(body, (id) => (id === "h1" ? "source" : undefined)), isRefusal);
  expect(taken).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(1000);
}, 60_000);

test("no broken post of service metrics does more than refuse itself", () => {
  const seeds = [
    '[{"name":"access.total","time":1795301640,"value":12},{"name":"access.4xx","time":1795301640,"value":null}]',
    '[{"name":"a","time":1,"value":1e308},{"name":"b.c","time":1795301640.5,"value":-0}]',
  ];
  const { taken } = fuzz(seeds, (body) => servicePointsIn(parseJson(textOf(body))), isRefusal);
  expect(taken).toBeGreaterThan(1000);
}, 60_000);

test("no broken graph definition does more than refuse itself", () => {
  const seeds = [
    '[{"name":"custom.docker.#","displayName":"Containers","unit":"bytes","metrics":[{"name":"custom.docker.#.rss","displayName":"%1","isStacked":true}]}]',
    '[{"name":"custom.x","unit":null,"metrics":null},{"name":"custom.y","metrics":[{"name":"custom.y.*"}]}]',
  ];
  const { taken } = fuzz(seeds, (body) => definitionsIn(parseJson(textOf(body))), isRefusal);
  expect(taken).toBeGreaterThan(1000);
}, 60_000);
