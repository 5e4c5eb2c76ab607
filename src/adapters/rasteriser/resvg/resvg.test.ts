import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { openFolder } from "#test/folder";
import { bundlePictureWorker } from "#test/picture-worker";
import { pngSize } from "#test/png";
import { until } from "#test/until";
import { ResvgRasteriser } from "./index.ts";

const drawing = (inside: string, width = 320, height = 120): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${inside}</svg>`;

const folder = openFolder("hinoban-picture-");
let files: Awaited<ReturnType<typeof bundlePictureWorker>>;
const clock = new FakeClock();
let rasteriser: ResvgRasteriser;

beforeAll(async () => {
  files = await bundlePictureWorker(folder);
  rasteriser = new ResvgRasteriser({ ...files, clock });
});
afterAll(async () => {
  await rasteriser.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a picture", () => {
  test("is a PNG of the size that the drawing says, with Latin and Japanese letters in it", async () => {
    const blank = await rasteriser.png(drawing(""));
    expect(pngSize(blank)).toEqual({ width: 320, height: 120 });
    for (const words of ["loadavg5", "負荷平均"]) {
      const png = await rasteriser.png(drawing(`<text x="10" y="60" font-size="24" font-family="M PLUS 1p, system-ui">${words}</text>`));
      expect(png.length, `${words} is drawn`).toBeGreaterThan(blank.length + 300);
    }
  });
  test("is refused for what is no drawing, and the next one is drawn all the same", async () => {
    await expect(rasteriser.png("<svg")).rejects.toMatchObject({ code: "internal" });
    await expect(rasteriser.png("")).rejects.toMatchObject({ code: "internal" });
    expect(pngSize(await rasteriser.png(drawing("", 200, 100)))).toEqual({ width: 200, height: 100 });
  });
  test("holds nothing of what the drawing refers to: neither files nor addresses are opened", async () => {
    const blank = await rasteriser.png(drawing(""));
    for (const href of ["file:///etc/passwd", "/etc/hostname", "http://127.0.0.1:1/x.png"]) {
      const png = await rasteriser.png(drawing(`<image href="${href}" width="100" height="100"/>`));
      expect(Buffer.compare(png, blank)).toBe(0);
    }
  });
});

test("no more pictures than a few wait; the others are told to come back", async () => {
  const asked = await Promise.allSettled(Array.from({ length: 40 }, () => rasteriser.png(drawing(""))));
  const refused = asked.filter((one) => one.status === "rejected");
  expect(refused).toHaveLength(8);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: "unavailable", facts: { retryAfter: 5 } });
});

test("the thread goes when nobody needed it for five minutes, and comes back when somebody does", async () => {
  await rasteriser.png(drawing(""));
  expect(clock.timers).toEqual(["rasteriser.idle"]);
  await clock.advance(minutes(5));
  expect(clock.timers).toEqual([]);
  expect(pngSize(await rasteriser.png(drawing("")))).toEqual({ width: 320, height: 120 });
});

test("a picture that takes too long is given up", async () => {
  const slow = new ResvgRasteriser({ ...files, clock, workerUrl: new URL("data:text/javascript,setInterval(() => {}, 1000)") });
  const asked = slow.png(drawing("")).catch((error: unknown) => error);
  await clock.advance(seconds(15));
  expect(await asked).toMatchObject({ code: "unavailable" });
  await slow.close();
});

test("a thread that cannot start fails the picture and nothing else", async () => {
  const broken = new ResvgRasteriser({ ...files, wasm: "/nowhere.wasm", clock });
  await expect(broken.png(drawing(""))).rejects.toMatchObject({ code: "internal" });
  await broken.close();
  await expect(broken.png(drawing(""))).rejects.toMatchObject({ code: "unavailable" });
  await until("its timers are gone", 1000, () => clock.timers.every((name) => name === "rasteriser.idle"));
});
