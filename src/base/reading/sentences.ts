/** A sentence of calls that is recorded, in each language. */
interface Recorded {
  readonly en: string;
  readonly ja: string;
}

/**
 * The sentences of calls that come recorded, by key: what a machine without a speech program says, and what an organisation may replace by
 * recordings of its own. Digits follow those that end in the middle.
 */
export const recordedSentences = {
  hinoban: { en: "This is Hinoban.", ja: "火の番です。" },
  "severity-critical": { en: "A critical alert.", ja: "重大な警報です。" },
  "severity-error": { en: "An error.", ja: "障害の警報です。" },
  "severity-warning": { en: "A warning.", ja: "注意の警報です。" },
  "severity-information": { en: "For your information.", ja: "お知らせです。" },
  "incident-number": { en: "Incident number", ja: "インシデント番号" },
  "more-incidents": { en: "More alerts:", ja: "ほかの件数は" },
  "to-take": { en: "To take it, press", ja: "対応する方は" },
  "to-decline": { en: "If you cannot,", ja: "対応できない方は" },
  "to-repeat": { en: "To hear it again,", ja: "もう一度聞くには" },
  "to-hear-details": { en: "For details,", ja: "詳しく聞くには" },
  "to-next-step": { en: "For the next step,", ja: "次の段階に進めるには" },
  "to-hear-other": { en: "For the next one,", ja: "次の件を聞くには" },
  "to-confirm": { en: "If you hear this, press", ja: "聞こえた方は" },
  press: { en: "Press.", ja: "を押してください。" },
  taken: { en: "It is recorded as taken by you.", ja: "担当者として記録しました。" },
  "taken-by-other": { en: "Somebody has it already.", ja: "すでに、ほかの方が対応しています。" },
  "yours-already": { en: "You have it already.", ja: "すでに、あなたが担当しています。" },
  "is-over": { en: "It is over already.", ja: "すでに復旧しました。" },
  "next-person": { en: "The next person is called.", ja: "次の担当者に連絡します。" },
  "next-step": { en: "The next step begins.", ja: "次の段階に進めます。" },
  "not-recorded": { en: "Nothing was recorded.", ja: "記録できませんでした。" },
  "no-answer": { en: "There was no answer. The next person is called.", ja: "応答がないため、次の担当者に連絡します。" },
  "wrong-key": { en: "This key means nothing here.", ja: "その番号は使えません。" },
  "enter-pin": { en: "Enter your pin.", ja: "暗証番号を押してください。" },
  "wrong-pin": { en: "This pin is wrong.", ja: "暗証番号が違います。" },
  "test-call": { en: "This is a test of the telephone.", ja: "これは電話のテストです。" },
  confirmed: { en: "It is noted. Thank you.", ja: "確認しました。ありがとうございました。" },
  "your-code": { en: "Your code is", ja: "確認コードは" },
  "nothing-open": { en: "There is no incident that nobody has.", ja: "担当者のいない件はありません。" },
  "that-was-all": { en: "That was all.", ja: "以上です。" },
  "unknown-number": { en: "Calls from this number are not taken.", ja: "この番号からのご用件は承れません。" },
} as const satisfies Readonly<Record<string, Recorded>>;

/** Name of the shipped prompt that says a recorded sentence: apart from words, which may be called the same. */
export const promptOfSentence = (key: string): string => `say:${key}`;

/** Prompts that say the sentences in a language. */
export const sentencePrompts = (language: "en" | "ja"): readonly (readonly [string, string])[] =>
  Object.entries(recordedSentences).map(([key, said]) => [promptOfSentence(key), said[language]] as const);
