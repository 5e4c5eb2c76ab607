// Records the words that come with the product, for machines without a speech program: `node tools/prompts.mjs [VOICE.htsvoice]`.
// Needs open_jtalk with dictionary and the voice nitech-jp-atr503-m001, and espeak-ng (docs/guide/en/speech.md tells how to install them).
// The result is committed; run it again when src/base/reading/prompts-*.ts changed.
import { mkdtempSync, mkdirSync, rmSync, copyFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "./load.mjs";
import { root } from "./paths.mjs";

const target = `${root}/src/adapters/speech/recorded/prompts.ulaw`;
/** All of it is shipped: no more than this. */
const mostBytes = 2_000_000;
/** Seconds of silence that a word keeps on each side. */
const rest = 0.01;
/** What is quieter at its ends is cut off: words are put together, and what follows should follow soon. */
const silent = 600;

const { ProgramSpeaker } = await load("src/adapters/speech/speaker.ts");
const { packed } = await load("src/adapters/speech/prompts.ts");
const { SystemClock } = await load("src/adapters/clock/system.ts");
const { promptsOf } = await load("src/base/reading/floor.ts");
const { encodeMuLaw } = await load("src/base/sound/mu-law.ts");
const { trimmed } = await load("src/base/sound/arrange.ts");

const folder = mkdtempSync(join(tmpdir(), "hinoban-prompts-"));
const voice = process.argv[2];
if (voice !== undefined) {
  mkdirSync(`${folder}/own`);
  copyFileSync(voice, `${folder}/own/voice.htsvoice`);
}
const speaker = new ProgramSpeaker({ clock: new SystemClock(), cacheFolder: `${folder}/cache`, places: { own: `${folder}/own` } });
try {
  /** @type {Record<string, Map<string, Uint8Array>>} */
  const recorded = {};
  for (const language of ["ja", "en"]) {
    const clips = new Map();
    for (const [name, text] of promptsOf(language)) {
      const { samples } = await speaker.speak(language, text);
      clips.set(name, encodeMuLaw(trimmed(samples, rest, silent)));
    }
    recorded[language] = clips;
    const bytes = [...clips.values()].reduce((sum, clip) => sum + clip.length, 0);
    console.log(`${language}: ${clips.size} prompts, ${(bytes / 8000).toFixed(0)} s, ${bytes} bytes`);
  }
  const bytes = packed(recorded);
  if (bytes.length > mostBytes) throw new Error(`${bytes.length} bytes are more than the ${mostBytes} that prompts may have.`);
  writeFileSync(target, bytes);
  console.log(`Wrote ${target}: ${bytes.length} bytes`);
} finally {
  await speaker.close();
  rmSync(folder, { recursive: true, force: true });
}
