import { chmod, mkdir, readFile, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { promptsOf } from "#base/reading/floor";
import { writeWav } from "#base/sound/wav";
import { FakeClock } from "#test/fake-clock";
import { openFolder } from "#test/folder";
import { until } from "#test/until";
import { SoundCache } from "./cache.ts";
import { PackedPrompts, packed } from "./prompts.ts";
import { ProgramSpeaker } from "./speaker.ts";
import { Turns } from "./turns.ts";

const hum = Int16Array.from({ length: 4000 }, (_, at) => Math.round(8000 * Math.sin(at / 3)));

/** A machine on which both programs are scripts of ours. */
async function machine(scripts: { readonly openJtalk?: string; readonly espeak?: string }) {
  const folder = openFolder("hinoban-speech-");
  const bin = join(folder, "bin");
  await mkdir(join(folder, "own", "dic"), { recursive: true });
  await mkdir(bin);
  await writeFile(join(folder, "hum.wav"), writeWav({ rate: 8000, samples: hum }));
  await writeFile(join(folder, "own", "mei.htsvoice"), "voice");
  await writeFile(join(folder, "own", "dic", "sys.dic"), "dictionary");
  for (const [name, script] of [
    ["open_jtalk", scripts.openJtalk],
    ["espeak-ng", scripts.espeak],
  ] as const) {
    if (script === undefined) continue;
    await writeFile(join(bin, name), `#!/bin/sh\n${script.replaceAll("FOLDER", folder)}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const clock = new FakeClock();
  const places = { own: join(folder, "own"), programs: [bin], dictionaries: [], voices: [] };
  const make = () => new ProgramSpeaker({ clock, cacheFolder: join(folder, "cache"), places });
  return { folder, clock, make, speaker: make() };
}

// open_jtalk's last argument is its output.
const speaks = 'for last; do :; done; cat >> FOLDER/heard; echo "$@" >> FOLDER/asked; cp FOLDER/hum.wav "$last"';
const lines = async (folder: string, file: string): Promise<string[]> => {
  return (await readFile(join(folder, file), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
};

describe("a speech program", () => {
  test("reads its text from its input and is asked once for each sentence, also by those who ask meanwhile and after a restart", async () => {
    const { folder, speaker, make } = await machine({ openJtalk: speaks });
    const text = "-h; $(touch /tmp/x)\u0007 `id`";
    const [one, two] = await Promise.all([speaker.speak("ja", text), speaker.speak("ja", text)]);
    expect(one.samples.length).toBeGreaterThan(3500);
    expect(two.samples).toEqual(one.samples);
    const again = await make().speak("ja", text);
    expect(again.samples.length).toBe(one.samples.length);
    expect(await lines(folder, "heard")).toEqual(["-h; $(touch /tmp/x)  `id`"]);
    expect((await lines(folder, "asked"))[0]).toContain(`-x ${folder}/own/dic -m ${folder}/own/mei.htsvoice -ow `);
    expect((await readdir(join(folder, "cache"))).every((name) => name.endsWith(".ulaw"))).toBe(true);
  });

  test("writes English to its output", async () => {
    const { speaker, folder } = await machine({ espeak: "cat > FOLDER/heard; cat FOLDER/hum.wav" });
    expect((await speaker.speak("en", "hello")).samples.length).toBeGreaterThan(3500);
    expect(await lines(folder, "heard")).toEqual(["hello"]);
  });

  test("that is not there is named part by part, and found once it was installed", async () => {
    const { speaker, folder } = await machine({});
    await expect(speaker.speak("ja", "あ")).rejects.toMatchObject({ code: "unavailable" });
    expect(await speaker.programs()).toMatchObject([
      { language: "ja", program: "open_jtalk", missing: ["program"], found: { voice: join(folder, "own", "mei.htsvoice") } },
      { language: "en", program: "espeak-ng", missing: ["program"], found: {} },
    ]);
    await writeFile(join(folder, "bin", "espeak-ng"), `#!/bin/sh\ncat ${folder}/hum.wav\n`);
    await chmod(join(folder, "bin", "espeak-ng"), 0o755);
    expect((await speaker.programs())[1]?.missing).toEqual([]);
    expect((await speaker.speak("en", "now")).samples.length).toBeGreaterThan(0);
  });

  test("that hangs is ended after ten seconds", async () => {
    const { speaker, clock, folder } = await machine({ espeak: "echo $$ > FOLDER/pid; exec sleep 600" });
    const spoken = speaker.speak("en", "hello").catch((error: unknown) => error);
    await until("it runs", 10_000, async () => (await lines(folder, "pid")).length > 0);
    const [pid = ""] = await lines(folder, "pid");
    await clock.advance(seconds(11));
    expect(await spoken).toMatchObject({ code: "timeout" });
    await until("it is gone", 10_000, () => !isAlive(Number(pid)));
  });

  test("is ended when the server stops", async () => {
    const { speaker, folder } = await machine({ espeak: "echo $$ > FOLDER/pid; exec sleep 600" });
    const spoken = speaker.speak("en", "hello").catch((error: unknown) => error);
    await until("it runs", 10_000, async () => (await lines(folder, "pid")).length > 0);
    await speaker.close();
    expect(await spoken).toMatchObject({ code: "unavailable" });
    await expect(speaker.speak("en", "more")).rejects.toMatchObject({ code: "unavailable" });
  });

  test.each([
    ["fails", "echo broken >&2; exit 3", "broken"],
    ["writes no sound", "echo nonsense", "no WAV file"],
    ["says nothing", "head -c 44 FOLDER/hum.wav", "says nothing"],
    ["speaks without end", "cat /dev/zero", "without end"],
  ])("that %s is reported and nothing is kept of it", async (_, espeak, reason) => {
    const { speaker, folder } = await machine({ espeak });
    await expect(speaker.speak("en", "hello")).rejects.toThrow(reason);
    expect(await readdir(join(folder, "cache")).catch(() => [])).toEqual([]);
  });
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("what was spoken", () => {
  test("is dropped when there is too much, the least recently used first", async () => {
    const folder = openFolder("hinoban-cache-");
    const clock = new FakeClock();
    const first = new SoundCache(folder, clock, 10_000);
    for (const name of ["a", "b"]) await first.put(name, hum);
    for (const [at, name] of ["a", "b"].entries()) await utimes(join(folder, `${name}.ulaw`), 1000 + at, 1000 + at);
    const next = new SoundCache(folder, clock, 10_000);
    expect((await next.get("a"))?.length).toBe(4000); // used now: "b" is the older one
    await next.put("c", hum);
    expect((await readdir(folder)).toSorted()).toEqual(["a.ulaw", "c.ulaw"]);
    expect(await new SoundCache(folder, clock, 10_000).get("b")).toBeUndefined();
  });

  test("is spoken again when a file was cut off, and what a crash left is removed", async () => {
    const folder = openFolder("hinoban-cache-");
    await writeFile(join(folder, "x.ulaw.next"), "half");
    const cache = new SoundCache(folder, new FakeClock());
    await new SoundCache(folder, new FakeClock()).put("a", hum);
    expect((await cache.get("a"))?.length).toBe(4000);
    expect(await readdir(folder)).toEqual(["a.ulaw"]);
    const other = new SoundCache(folder, new FakeClock());
    expect(await other.get("nothing")).toBeUndefined();
    await writeFile(join(folder, "a.ulaw"), "cut");
    expect(await other.get("a")).toBeUndefined();
  });

  test("is not missed where the folder cannot be written", async () => {
    const file = join(openFolder("hinoban-cache-"), "file");
    await writeFile(file, "");
    const cache = new SoundCache(join(file, "cache"), new FakeClock());
    await cache.put("a", hum);
    expect((await cache.get("a"))?.length).toBe(4000);
  });
});

test("a few run at once, some wait, and who comes then is refused", async () => {
  const turns = new Turns(2, 1);
  const ends: (() => void)[] = [];
  const work = () => turns.take(() => new Promise<void>((resolve) => ends.push(resolve)));
  const first = [work(), work(), work()];
  await expect(work()).rejects.toMatchObject({ code: "unavailable" });
  expect(ends.length).toBe(2);
  ends[0]?.();
  await until("the third has its turn", 5000, () => ends.length === 3);
  ends[1]?.();
  ends[2]?.();
  await Promise.all(first);
  await turns.take(() => Promise.resolve());
});

describe("recorded words", () => {
  test("are found by language and name, and none where the file is missing", async () => {
    const folder = openFolder("hinoban-prompts-");
    const file = join(folder, "p.ulaw");
    await writeFile(file, packed({ ja: new Map([["火", Uint8Array.of(1, 2)]]), en: new Map([["fire", Uint8Array.of(3)]]) }));
    const prompts = new PackedPrompts(file);
    expect(prompts.clip("ja", "火")?.samples.length).toBe(2);
    expect(prompts.clip("en", "fire")?.samples.length).toBe(1);
    expect(prompts.clip("en", "火")).toBeUndefined();
    expect(new PackedPrompts(join(folder, "none")).clip("ja", "火")).toBeUndefined();
  });

  test("that come with the product are those that texts are put together from", () => {
    const prompts = new PackedPrompts("src/adapters/speech/recorded/prompts.ulaw");
    for (const language of ["ja", "en"] as const)
      for (const name of promptsOf(language).keys()) {
        const length = prompts.clip(language, name)?.samples.length ?? 0;
        expect(length, `${language} ${name}: run tools/prompts.mjs`).toBeGreaterThan(300);
      }
  });
});
