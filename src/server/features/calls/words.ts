import type { UnixMs } from "#base/duration";
import { wallClock } from "#base/wall-time";
import type { Sentence } from "#ports/phone/port";
import type { Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import type { KeyAction } from "./model.ts";

/** The recorded words that calls are made of on machines without a speech program, besides the digits `0` to `9`. */
export const promptNames = [
  "hinoban",
  "severity-critical",
  "severity-error",
  "severity-warning",
  "severity-information",
  "incident-number",
  "more-incidents",
  "to-take",
  "to-decline",
  "to-repeat",
  "to-hear-details",
  "to-next-step",
  "to-hear-other",
  "to-confirm",
  "press",
  "taken",
  "taken-by-other",
  "yours-already",
  "is-over",
  "next-person",
  "next-step",
  "not-recorded",
  "no-answer",
  "wrong-key",
  "enter-pin",
  "wrong-pin",
  "test-call",
  "confirmed",
  "your-code",
  "nothing-open",
  "that-was-all",
  "unknown-number",
] as const;
export type PromptName = (typeof promptNames)[number];

/** Digit by digit. */
export const digitPrompts = (text: string): string[] => text.replaceAll(/\D/gu, "").split("");

/** What is said in one language. Each sentence ends with its full stop, so that it is spoken by itself. */
interface CallWords {
  readonly hello: (organisation: string) => string;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly numbered: (index: number, count: number) => string;
  readonly since: (time: string) => string;
  readonly more: (count: number) => string;
  readonly keys: Readonly<Record<KeyAction, (key: string) => string>>;
  readonly press: (keys: readonly string[]) => string;
  readonly taken: (name: string, count: number) => string;
  readonly takenBy: (name: string, count: number) => string;
  readonly yours: string;
  readonly over: string;
  readonly nextPerson: string;
  readonly nextStep: string;
  readonly refused: string;
  readonly noAnswer: string;
  readonly goodbye: string;
  readonly wrongKey: string;
  readonly pin: (organisation: string) => string;
  readonly wrongPin: string;
  readonly lockedPin: string;
  readonly test: (organisation: string) => string;
  readonly weekly: (organisation: string) => string;
  readonly confirmed: string;
  readonly code: (organisation: string, digits: string) => string;
  readonly called: (person: string, count: number) => string;
  readonly waiting: (count: number) => string;
  readonly setPin: string;
  readonly nothingOpen: string;
  readonly thatWasAll: string;
  readonly unknown: string;
  readonly services: (names: readonly string[]) => string;
  readonly alerts: (count: number) => string;
}

const ja: CallWords = {
  hello: (organisation) => `${organisation}、火の番です。`,
  severity: { critical: "重大な警報です。", error: "障害の警報です。", warning: "注意の警報です。", information: "お知らせです。" },
  numbered: (index, count) => `${count}件中${index}件目。`,
  since: (time) => `${time}からです。`,
  more: (count) => `ほかに${count}件あります。`,
  keys: {
    take: (key) => `対応する方は ${key}`,
    cannot: (key) => `対応できない方は ${key}`,
    again: (key) => `もう一度聞くには ${key}`,
    details: (key) => `詳しく聞くには ${key}`,
    next: (key) => `次の段階に進めるには ${key}`,
    other: (key) => `次の件を聞くには ${key}`,
    confirm: (key) => `聞こえた方は ${key}`,
  },
  press: (keys) => `${keys.join("、")} を押してください。`,
  taken: (name, count) => (count > 1 ? `${count}件を、${name}さんの担当として記録しました。` : `${name}さんを担当者として記録しました。`),
  takenBy: (name, count) => (count > 1 ? `${count}件は、すでに${name}さんが対応しています。` : `すでに${name}さんが対応しています。`),
  yours: "この件は、すでにあなたが担当しています。",
  over: "この件は、すでに復旧しました。",
  nextPerson: "次の担当者に連絡します。",
  nextStep: "次の段階に進めます。",
  refused: "権限がないため、担当者として記録できませんでした。",
  noAnswer: "応答がないため、次の担当者に連絡します。",
  goodbye: "失礼します。",
  wrongKey: "その番号は使えません。",
  pin: (organisation) => `${organisation}、火の番です。暗証番号を押してください。`,
  wrongPin: "暗証番号が違います。",
  lockedPin: "暗証番号の確認ができないため、お伝えできません。",
  test: (organisation) => `${organisation}、火の番です。これは電話のテストです。`,
  weekly: (organisation) => `${organisation}、火の番です。これは毎週の電話テストです。`,
  confirmed: "確認しました。ありがとうございました。",
  code: (organisation, digits) => `${organisation}、火の番です。確認コードは、${digits}です。`,
  called: (person, count) => `${person}さん、担当者のいない件が${count}件あります。`,
  waiting: (count) => `担当者のいない件が${count}件あります。`,
  setPin: "折り返しの電話で内容を聞くには、画面の「電話の受け方」で暗証番号を設定してください。",
  nothingOpen: "担当者のいない件はありません。",
  thatWasAll: "以上です。",
  unknown: "この番号からのご用件は承れません。",
  services: (names) => `サービスは、${names.join("、")}です。`,
  alerts: (count) => `アラートは${count}件です。`,
};

const en: CallWords = {
  hello: (organisation) => `This is Hinoban for ${organisation}.`,
  severity: { critical: "A critical alert.", error: "An error.", warning: "A warning.", information: "For your information." },
  numbered: (index, count) => `Number ${index} of ${count}.`,
  since: (time) => `Since ${time}.`,
  more: (count) => `There are ${count} more.`,
  keys: {
    take: (key) => `to take it, press ${key}`,
    cannot: (key) => `if you cannot, ${key}`,
    again: (key) => `to hear it again, ${key}`,
    details: (key) => `for details, ${key}`,
    next: (key) => `for the next step, ${key}`,
    other: (key) => `for the next one, ${key}`,
    confirm: (key) => `if you hear this, press ${key}`,
  },
  press: (keys) => {
    const text = keys.join("; ");
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  },
  taken: (name, count) => (count > 1 ? `${count} are recorded as taken by ${name}.` : `It is recorded as taken by ${name}.`),
  takenBy: (name, count) => (count > 1 ? `${name} has ${count} of them already.` : `${name} has it already.`),
  yours: "You have it already.",
  over: "It is over already.",
  nextPerson: "The next person is called.",
  nextStep: "The next step begins.",
  refused: "You may not take it: nothing was recorded.",
  noAnswer: "There was no answer. The next person is called.",
  goodbye: "Goodbye.",
  wrongKey: "This key means nothing here.",
  pin: (organisation) => `This is Hinoban for ${organisation}. Enter your PIN.`,
  wrongPin: "This PIN is wrong.",
  lockedPin: "Without the right PIN nothing can be told.",
  test: (organisation) => `This is Hinoban for ${organisation}. This is a test of the telephone.`,
  weekly: (organisation) => `This is Hinoban for ${organisation}. This is the weekly test of the telephone.`,
  confirmed: "It is noted. Thank you.",
  code: (organisation, digits) => `This is Hinoban for ${organisation}. Your code is ${digits}.`,
  called: (person, count) => `${person}, ${count === 1 ? "there is one incident" : `there are ${count} incidents`} that nobody has.`,
  waiting: (count) => `${count === 1 ? "There is one incident" : `There are ${count} incidents`} that nobody has.`,
  setPin: "To hear more when you call, set a PIN under how you are called.",
  nothingOpen: "There is no incident that nobody has.",
  thatWasAll: "That was all.",
  unknown: "Calls from this number are not taken.",
  services: (names) => `Of ${names.join(", ")}.`,
  alerts: (count) => (count === 1 ? "One alert." : `${count} alerts.`),
};

export const callWords: Readonly<Record<Language, CallWords>> = { en, ja };

/** A sentence with the recorded words that say the same. */
export const sentence = (language: Language, text: string, prompts?: readonly string[]): Sentence => ({
  language,
  text,
  ...(prompts === undefined ? {} : { prompts: [...prompts] }),
});

const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** `23時5分`, `23:05`; with the day in front when it was another one. */
export function spokenTime(at: UnixMs, now: UnixMs, timeZone: string, language: Language): string {
  const zone = wallClock(timeZone);
  const then = new Date(zone.toLocal(at));
  const isToday = then.toISOString().slice(0, 10) === new Date(zone.toLocal(now)).toISOString().slice(0, 10);
  const [hour, minute] = [then.getUTCHours(), then.getUTCMinutes()];
  if (language === "ja") {
    const time = minute === 0 ? `${hour}時` : `${hour}時${minute}分`;
    return isToday ? time : `${then.getUTCMonth() + 1}月${then.getUTCDate()}日${time}`;
  }
  const time = `${hour}:${String(minute).padStart(2, "0")}`;
  return isToday ? time : `${then.getUTCDate()} ${months[then.getUTCMonth()] ?? ""}, ${time}`;
}
