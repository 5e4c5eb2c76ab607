import { beforeAll, describe, expect, test } from "vitest";
import { pino } from "pino";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { recordedSentences } from "#base/reading/sentences";
import { encodeMuLaw } from "#base/sound/mu-law";
import { writeWav } from "#base/sound/wav";
import { openInventory, registerHost } from "#features/inventory";
import type { Actor } from "#http";
import type { Clip, Sentence, SpokenLanguage } from "#ports/phone/port";
import type { PromptStore, Speaker } from "#ports/speech/port";
import { withPeople } from "#test/people";
import { createService } from "#test/verbs";
import { changeName } from "./change-name.ts";
import { changeRecording, type ChangeRecording } from "./change-recording.ts";
import { changeWord } from "./change-word.ts";
import { deleteRecording } from "./delete-recording.ts";
import { deleteWord } from "./delete-word.ts";
import { namesOf } from "./names.ts";
import { openSpeech } from "./open-speech.ts";
import { pageOfNames } from "./read-names.ts";
import { readRecordings, readSound, readWords } from "./read-speech.ts";

const people = withPeople();
let owner: Extract<Actor, { kind: "person" }>;
let viewer: Actor;
let stranger: Actor;
let hostId: string;
let speech: ReturnType<typeof openSpeech>;

/** Speaks everything as one sample for each letter; what it was given is noted. */
class FakeSpeaker implements Speaker {
  readonly heard: string[] = [];
  isBroken = false;
  speak(language: SpokenLanguage, text: string): Promise<Clip> {
    if (this.isBroken) return Promise.reject(new HinobanError("unavailable", "Nothing is installed."));
    this.heard.push(`${language} ${text}`);
    return Promise.resolve({ samples: new Int16Array(text.length).fill(1000) });
  }
  programs() {
    return Promise.resolve([]);
  }
  close() {
    return Promise.resolve();
  }
}

const speaker = new FakeSpeaker();
const asked: string[] = [];
const prompts: PromptStore = {
  clip: (language, name) => {
    if (name.startsWith("say:") && !Object.hasOwn(recordedSentences, name.slice(4))) return undefined;
    asked.push(`${language} ${name}`);
    return { samples: new Int16Array(50).fill(2000) };
  },
};

beforeAll(async () => {
  owner = people.first.actor;
  viewer = (await people.join(people.first, "viewer")).actor;
  stranger = (await people.another("stranger")).actor;
  const inventory = openInventory(people.identity);
  hostId = (await registerHost(inventory, owner, { name: "web01", roles: [], onExisting: "refuse" })).id;
  await createService(inventory, owner, { name: "shop", memo: "" });
  const { db, clock } = people.identity;
  speech = openSpeech({ db, clock, speaker, prompts, log: pino({ level: "silent" }), ownFolder: "/data/voices" });
});

const deps = () => people.identity;
const scope = () => ({ organisationId: owner.organisationId });
const said = async (text: string, more: Partial<Sentence> = {}): Promise<string[]> => {
  speaker.heard.length = 0;
  asked.length = 0;
  speech.onChange({ organisationId: owner.organisationId, topic: "speech" });
  await speech.voiceFor(owner.organisationId, "ja").speak([{ language: "ja", text, ...more }]);
  return speaker.heard;
};
const refused = { code: "forbidden", facts: { permission: "speech.change" } };
const hum = Int16Array.from({ length: 8000 }, (_, at) => Math.round(6000 * Math.sin(at / 3)));
const wav = (samples: Int16Array): string => Buffer.from(writeWav({ rate: 8000, samples })).toString("base64");
const recording = (more: Partial<ChangeRecording> = {}): ChangeRecording => ({
  key: "hinoban",
  language: "ja",
  fileName: "hello.wav",
  format: "wav",
  sound: wav(hum),
  ...more,
});

describe("the reading dictionary", () => {
  test("is changed word by word, each time with one entry in the history, and is heard at once", async () => {
    await people.acts();
    const word = await changeWord(deps(), owner, { language: "ja", written: "ＮＡＧＩＯＳ", spoken: "ナギオス" });
    const again = await changeWord(deps(), owner, { language: "ja", written: "nagios", spoken: "なぎおす " });
    expect(again).toMatchObject({ id: word.id, written: "nagios", spoken: "なぎおす" });
    expect(await said("Nagiosの警報です。")).toEqual(["ja なぎおすの警報です。"]);
    expect(await people.identity.db.tx(scope(), (tx) => namesOf(tx, [`speech-word:${word.id}`]))).toEqual({
      [`speech-word:${word.id}`]: "nagios",
    });
    await deleteWord(deps(), owner, word.id);
    expect(await said("Nagiosの警報です。")).toEqual(["ja ナギオスの警報です。"]);
    expect((await people.acts()).map(({ verb, object, outcome }) => [verb, object, outcome])).toEqual([
      ["speech-word.changed", `speech-word:${word.id}`, "done"],
      ["speech-word.changed", `speech-word:${word.id}`, "done"],
      ["speech-word.deleted", `speech-word:${word.id}`, "done"],
    ]);
    await expect(deleteWord(deps(), owner, word.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("takes no word that is empty or cannot be said", async () => {
    await expect(changeWord(deps(), owner, { language: "ja", written: " \u0000 ", spoken: "あ" })).rejects.toThrow("written");
    await expect(changeWord(deps(), owner, { language: "ja", written: "x", spoken: "🎉" })).rejects.toThrow("spoken");
  });

  test("belongs to its organisation and is not a viewer's to change", async () => {
    const word = await changeWord(deps(), owner, { language: "en", written: "tokyo", spoken: "toe-kyo" });
    await expect(changeWord(deps(), viewer, { language: "en", written: "a", spoken: "b" })).rejects.toMatchObject(refused);
    await expect(deleteWord(deps(), viewer, word.id)).rejects.toMatchObject(refused);
    await expect(deleteWord(deps(), stranger, word.id)).rejects.toMatchObject({ code: "not-found" });
    expect(await people.identity.db.tx({ organisationId: stranger.organisationId }, readWords)).toEqual([]);
  });
});

describe("the reading of a name", () => {
  const kinds = () =>
    [
      ["host", hostId],
      ["person", owner.personId],
    ] as const;

  test("is used wherever the name stands in a text, and by whoever asks how things are called", async () => {
    await people.acts();
    for (const [kind, id] of kinds())
      await changeName(deps(), owner, { kind, id, reading: kind === "host" ? "ウェブ いちごう" : "ななみ" });
    const acts = await people.acts();
    expect(acts.map(({ verb, object }) => [verb, object])).toEqual(kinds().map(([kind, id]) => ["speech-name.changed", `${kind}:${id}`]));
    expect(await said("web01がweb012より遅い。")).toEqual(["ja ウェブいちごうがweb012より遅い。"]);
    const things = { hostIds: [hostId, "unknown"], personIds: [owner.personId] };
    const [inJapanese, inEnglish] = await people.identity.db.tx(scope(), async (tx) => [
      await speech.spoken(tx, things, "ja"),
      await speech.spoken(tx, things, "en"),
    ]);
    expect(Object.fromEntries(inJapanese ?? [])).toEqual({ [hostId]: "ウェブ いちごう", [owner.personId]: "ななみ" });
    expect(inEnglish?.get(hostId)).toBe("web01");
  });

  test("is kana, of something that exists; the same again changes nothing, an empty one removes it", async () => {
    for (const reading of ["Web", "漢字", "ー", "ー・"])
      await expect(changeName(deps(), owner, { kind: "host", id: hostId, reading })).rejects.toThrow("reading");
    await expect(changeName(deps(), owner, { kind: "service", id: hostId, reading: "あ" })).rejects.toMatchObject({ code: "not-found" });
    await expect(changeName(deps(), viewer, { kind: "host", id: hostId, reading: "あ" })).rejects.toMatchObject(refused);
    await expect(changeName(deps(), stranger, { kind: "host", id: hostId, reading: "あ" })).rejects.toMatchObject({ code: "not-found" });
    await changeName(deps(), owner, { kind: "host", id: hostId, reading: "ｳｪﾌﾞ" });
    await people.acts();
    expect(await changeName(deps(), owner, { kind: "host", id: hostId, reading: "ウェブ" })).toMatchObject({ reading: "ウェブ" });
    expect(await people.acts()).toEqual([]);
    await changeName(deps(), owner, { kind: "host", id: hostId, reading: "" });
    expect(await said("web01")).toEqual(["ja web01"]);
  });

  test("is listed with everything that can have one", async () => {
    const page = (query: object) => people.identity.db.tx(scope(), (tx) => pageOfNames(tx, { offset: 0, limit: 50, ...query }));
    expect((await page({})).names.map(({ kind }) => kind)).toEqual(["person", "person", "service", "host"]);
    expect((await page({ kind: "service" })).names).toMatchObject([{ name: "shop", reading: "" }]);
    expect(await page({ text: "なな" })).toMatchObject({ total: 1, names: [{ id: owner.personId }] });
    expect(await page({ withReading: true, kind: "host" })).toMatchObject({ total: 0 });
    expect(await page({ limit: 1 })).toMatchObject({ total: 4, names: [{ kind: "person" }] });
  });
});

describe("a recording", () => {
  test("replaces its sentence, alone or with digits between, until it is deleted", async () => {
    await people.acts();
    const made = await changeRecording(deps(), owner, recording());
    expect(made).toMatchObject({ key: "hinoban", language: "ja", fileName: "hello.wav" });
    expect(Math.abs(made.milliseconds - 1000)).toBeLessThan(20);
    expect(await said("株式会社、火の番です。", { prompts: ["hinoban"] })).toEqual([]);
    expect(await said("ほかに3件あります。", { prompts: ["more-incidents", "3"] })).toHaveLength(1);
    expect(await said("何でもよい。", { recordingId: made.id })).toEqual([]);
    const other = await changeRecording(
      deps(),
      owner,
      recording({ format: "mu-law", sound: Buffer.from(encodeMuLaw(hum)).toString("base64") }),
    );
    expect(await people.identity.db.tx(scope(), readRecordings)).toEqual([other]);
    expect((await people.identity.db.tx(scope(), (tx) => readSound(tx, other.id))).length).toBeGreaterThan(7000);
    await deleteRecording(deps(), owner, other.id);
    expect(await said("火の番です。", { prompts: ["hinoban"] })).toEqual(["ja 火の番です。"]);
    expect((await people.acts()).map(({ verb, detail }) => [verb, detail["sentence"]])).toEqual([
      ["speech-recording.changed", "hinoban"],
      ["speech-recording.changed", "hinoban"],
      ["speech-recording.deleted", "hinoban"],
    ]);
  });

  test("that is none is refused with a reason", async () => {
    const upload = (more: Partial<ChangeRecording>) => changeRecording(deps(), owner, recording(more));
    await expect(upload({ key: "nothing" })).rejects.toMatchObject({ code: "not-found" });
    await expect(upload({ key: "toString" })).rejects.toMatchObject({ code: "not-found" });
    await expect(upload({ sound: "" })).rejects.toThrow("no WAV");
    await expect(upload({ sound: wav(new Int16Array(8000)) })).rejects.toThrow("could be heard");
    await expect(upload({ sound: wav(new Int16Array(31 * 8000).fill(9000)) })).rejects.toThrow("30 seconds");
    await expect(upload({ format: "mu-law", sound: "A".repeat(9_000_000) })).rejects.toMatchObject({ code: "too-large" });
    await expect(changeRecording(deps(), viewer, recording())).rejects.toMatchObject(refused);
    await expect(deleteRecording(deps(), viewer, "x")).rejects.toMatchObject(refused);
    await expect(deleteRecording(deps(), owner, "x")).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("where nothing speaks", () => {
  test("sentences are said by the recorded words that whoever calls names, else by those that are found in them", async () => {
    speaker.isBroken = true;
    try {
      await said("重大な警報です。", { prompts: ["severity-critical", "incident-number", "4"] });
      expect(asked).toEqual(["ja say:severity-critical", "ja say:incident-number", "ja 4"]);
      await said("web01、5分");
      expect(asked).toEqual(["ja w", "ja e", "ja b", "ja 0", "ja 1", "ja m5"]);
      const nothing = await speech.voiceFor(owner.organisationId, "en").speak([{ language: "ja", text: "🎉" }]);
      expect(nothing.samples.length).toBeGreaterThan(4000);
    } finally {
      speaker.isBroken = false;
    }
  });

  test("a call is spoken even when the database does not answer", async () => {
    const broken = openSpeech({
      db: { tx: () => Promise.reject(new Error("gone")), ping: () => Promise.resolve(), close: () => Promise.resolve() },
      clock: people.clock,
      speaker,
      prompts,
      log: pino({ level: "silent" }),
      ownFolder: "",
    });
    expect((await broken.voiceFor("x", "ja").speak([{ language: "ja", text: "火の番です。" }])).samples.length).toBe(6);
  });
});

test("a change that no announcement told of counts after a minute", async () => {
  const voice = speech.voiceFor(owner.organisationId, "ja");
  const hear = async (): Promise<string[]> => {
    speaker.heard.length = 0;
    await voice.speak([{ language: "ja", text: "apollo" }]);
    return [...speaker.heard];
  };
  speech.onChange(undefined);
  expect(await hear()).toEqual(["ja apollo"]);
  await changeWord(deps(), owner, { language: "ja", written: "apollo", spoken: "アポロ" });
  expect(await hear()).toEqual(["ja apollo"]);
  await people.clock.advance(minutes(2));
  expect(await hear()).toEqual(["ja アポロ"]);
});
