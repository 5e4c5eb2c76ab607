import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { ProgramSpeaker } from "#adapters/speech/speaker";
import { noWords, readingOf, type Words } from "#base/reading/reading";
import { WordList } from "#base/reading/words";
import { openFolder } from "#test/folder";

const folder = openFolder("hinoban-speech-");
const clock = new SystemClock();
const speaker = new ProgramSpeaker({ clock, cacheFolder: join(folder, "cache") });
afterAll(() => speaker.close());

const run = promisify(execFile);
const own: Words = { ...noWords, ja: new WordList([{ written: "七海", spoken: "ななみ" }]) };

/** What open_jtalk would pronounce for a text, as its trace has it: without accents, pauses as 、. */
async function pronounced(text: string): Promise<string> {
  const [japanese] = await speaker.programs();
  const out: string[] = [];
  for (const sentence of readingOf(text, "ja", own, 2026)) {
    const trace = join(folder, "trace");
    const child = run("open_jtalk", [
      "-x", japanese?.found.dictionary ?? "", "-m", japanese?.found.voice ?? "", "-ot", trace, "-ow", join(folder, "out.wav"),
    ]); // prettier-ignore
    child.child.stdin?.end(sentence.text);
    await child;
    const lines = (await readFile(trace, "utf8")).split("\n\n")[0]?.split("\n").slice(1) ?? [];
    out.push(lines.map((line) => line.split(",")[9] ?? "").join(""));
  }
  return out.join("|").replaceAll("’", "").replaceAll(/、+$/gu, "");
}

describe("open_jtalk", () => {
  test("says what people would say", { timeout: 30_000 }, async () => {
    expect(
      await pronounced(
        "web01、ディスク / の使用率が95.3%です。10.0.3.21、23:05から、七海さん。k8s-node-3、応答20ms、-3度、2026-11-21、HTTP 503。",
      ),
    ).toBe(
      [
        "ウェブゼロイチ、ディスク、ルートノシヨーリツガキュージューゴーテンサンパーセントデス",
        "イチゼロ、ドット、ゼロ、ドット、サン、ドット、ニーイチ、ニジューサンジゴフンカラ、ナナミサン",
        "クバネティス、ノード、サン、オートーニジューミリビョー、マイナスサンド、ジューイチガツニジューイチニチ、エイチティーティーピー、ゴーゼロサン",
      ].join("、|"),
    );
  });

  test("speaks for as long as it takes, on the telephone's terms, and the second time at once", async () => {
    const [first = ""] = readingOf("火の番です。", "ja", noWords).map(({ text }) => text);
    const { samples } = await speaker.speak("ja", first);
    expect(samples.length / 8000).toBeGreaterThan(0.7);
    expect(samples.length / 8000).toBeLessThan(2);
    const sentences = readingOf(
      "対応する方は 1、対応できない方は 2、もう一度聞くには 3、詳しく聞くには 4 を押してください。",
      "ja",
      noWords,
    );
    const [menu] = await Promise.all(sentences.map(({ text }) => speaker.speak("ja", text)));
    expect((menu?.samples.length ?? 0) / 8000).toBeGreaterThan(6);
    expect((menu?.samples.length ?? 0) / 8000).toBeLessThan(14);
    const began = clock.mono();
    await new ProgramSpeaker({ clock, cacheFolder: join(folder, "cache") }).speak("ja", first);
    expect(clock.mono() - began).toBeLessThan(200);
  });

  test("reads a sentence of the greatest length to its end", { timeout: 30_000 }, async () => {
    const [longest = "", rest = ""] = readingOf("あいうえおかきくけこ".repeat(40), "ja", noWords).map(({ text }) => text);
    expect(longest.length + rest.length).toBe(400);
    const [one, two] = await Promise.all([speaker.speak("ja", longest), speaker.speak("ja", rest)]);
    const perLetter = one.samples.length / longest.length;
    expect(perLetter / (two.samples.length / rest.length)).toBeGreaterThan(0.8); // nothing is missing of the longer one
  });
});

test("espeak-ng says English for as long as it takes", async () => {
  const { samples } = await speaker.speak("en", "This is Hinoban. web01 is down since 23 oh 5.");
  expect(samples.length / 8000).toBeGreaterThan(2);
  expect(samples.length / 8000).toBeLessThan(6);
});
