import type { Sentence, SpokenLanguage, Turn } from "#ports/phone/port";

/** Voices of Twilio that speak well; a compatible provider takes its own for a name that it does not know. */
const voices: Readonly<Record<SpokenLanguage, { readonly language: string; readonly voice: string }>> = {
  ja: { language: "ja-JP", voice: "Polly.Kazuha-Neural" },
  en: { language: "en-US", voice: "Polly.Joanna-Neural" },
};

export const voiceOf = (language: SpokenLanguage): { readonly language: string; readonly voice: string } => voices[language];

/** The most characters of a document that travels inside a request for a call. */
const mostInline = 4000;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Text as XML 1.0 takes it: what it cannot hold, even escaped, becomes a blank (https://www.w3.org/TR/xml/#charsets). */
export const xml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFC}\u{10000}-\u{10FFFF}]/gu, " ")
    .replaceAll(/[&<>"']/gu, (character) => entities[character] ?? "");

const document = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?><Response>${body}</Response>`;

/** Words of one language as one `Say` each row: Twilio reads at most 4,096 characters at once. */
function said(sentences: readonly Sentence[]): string {
  const rows: { language: SpokenLanguage; text: string }[] = [];
  for (const { language, text } of sentences) {
    const last = rows.at(-1);
    if (last?.language === language && last.text.length + text.length < 3000) last.text += ` ${text}`;
    else rows.push({ language, text: text.slice(0, 3000) });
  }
  return rows
    .filter(({ text }) => text.trim() !== "")
    .map(({ language, text }) => `<Say language="${voices[language].language}" voice="${voices[language].voice}">${xml(text.trim())}</Say>`)
    .join("");
}

/**
 * A turn as TwiML (https://www.twilio.com/docs/voice/twiml): said as often as it asks for, each time with its time for keys, which go to
 * `keysUrl`; when none came, `silentUrl` is asked what comes then.
 */
export function twimlOf(turn: Turn, urls: { readonly keys: string; readonly silent: string }): string {
  const words = said(turn.say);
  const times = Math.max(1, turn.times);
  if (turn.digits === 0) return document(`${words.repeat(times)}${turn.isLast ? "<Hangup/>" : redirectTo(urls.silent)}`);
  const timeout = Math.max(1, Math.ceil(turn.listen / 1000));
  const gather = `<Gather input="dtmf" numDigits="${turn.digits}" timeout="${timeout}" finishOnKey="#" action="${xml(urls.keys)}" method="POST">${words}</Gather>`;
  return document(`${gather.repeat(times)}${turn.isLast ? "<Hangup/>" : redirectTo(urls.silent)}`);
}

const redirectTo = (url: string): string => `<Redirect method="POST">${xml(url)}</Redirect>`;

export const hangUpTwiml = document("<Hangup/>");

const noKeys: Readonly<Record<SpokenLanguage, string>> = {
  ja: "この電話ではキー操作ができません。画面またはチャットで対応してください。",
  en: "Keys do not work in this call. Please respond on the screen or in a chat.",
};

/** A turn that is only said, for accounts that cannot ask us: nobody would hear a key. As short as must be. */
export function announcement(turn: Turn, language: SpokenLanguage): string {
  const once = said([...turn.say, ...(turn.digits > 0 ? [{ language, text: noKeys[language] }] : [])]);
  const times = Math.max(1, Math.min(turn.times, Math.floor((mostInline - 120) / Math.max(1, once.length + 20))));
  const text = document(`${Array.from({ length: times }, () => once).join('<Pause length="1"/>')}<Hangup/>`);
  if (text.length <= mostInline) return text;
  const say = turn.say.map((one) => ({ ...one, text: one.text.slice(0, 600) })).slice(0, 3);
  return document(`${said(say)}<Hangup/>`);
}
