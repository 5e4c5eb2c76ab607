import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemClock } from "#adapters/clock/system";
import { ProgramSpeaker } from "#adapters/speech/speaker";
import { noWords, readingOf } from "#base/reading/reading";
import { keepHistory, median, printTable, takenOn } from "./support/report.ts";

// How long does it take to speak, for each second of sound? Both programs over the sentences of a call, each as a process of its own as in a
// call, one after the other; and the same again from what was kept.
//   npm run bench -- speech [rounds]

const sentences = {
  ja: [
    "株式会社サンプル、火の番です。",
    "重大な警報です。",
    "web01.example.jp（10.0.3.21）のディスク / の使用率が 95.3% です。23:05 からです。",
    "対応する方は 1、対応できない方は 2、もう一度聞くには 3、詳しく聞くには 4 を押してください。",
  ],
  en: [
    "Example Inc., this is Hinoban.",
    "A critical alert.",
    "Disk / on web01.example.jp (10.0.3.21) is 95.3% full since 23:05.",
    "To take it, press 1; if you cannot, 2; to hear it again, 3; for details, 4.",
  ],
} as const;

type Language = keyof typeof sentences;

const clock = new SystemClock();

/** One reading of all texts: milliseconds, and seconds of sound. */
async function spoken(
  language: Language,
  texts: readonly string[],
  cacheFolder: string,
): Promise<{ readonly ms: number; readonly heard: number }> {
  const speaker = new ProgramSpeaker({ clock, cacheFolder });
  const began = performance.now();
  let heard = 0;
  for (const text of texts) heard += (await speaker.speak(language, text)).samples.length / 8000;
  const ms = performance.now() - began;
  await speaker.close();
  return { ms, heard };
}

async function measure(language: Language, rounds: number, folder: string) {
  const texts = sentences[language].flatMap((text) => readingOf(text, language, noWords).map((one) => one.text));
  const made: number[] = [];
  const kept: number[] = [];
  let seconds = 0;
  for (let round = 0; round < rounds; round += 1) {
    const cacheFolder = join(folder, `${language}-${round}`);
    const first = await spoken(language, texts, cacheFolder);
    made.push(first.ms);
    kept.push((await spoken(language, texts, cacheFolder)).ms);
    seconds = first.heard;
  }
  return {
    texts: texts.length,
    seconds,
    msPerSecond: median(made) / seconds,
    ms: median(made) / texts.length,
    keptMs: median(kept) / texts.length,
  };
}

const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-speech-"));
const results = { ja: await measure("ja", rounds, folder), en: await measure("en", rounds, folder) };
rmSync(folder, { recursive: true, force: true });
keepHistory("speech", { rounds, ...results });
printTable(
  ["language", "sentences", "seconds of sound", "ms for a second of sound", "ms a sentence", "ms a sentence, kept"],
  Object.entries(results).map(([language, { texts, seconds, msPerSecond, ms, keptMs }]) => [
    language,
    String(texts),
    seconds.toFixed(1),
    msPerSecond.toFixed(0),
    ms.toFixed(0),
    keptMs.toFixed(1),
  ]),
);
console.log(takenOn());
