import type { SpokenLanguage, Turn } from "#ports/phone/port";

const languages: Readonly<Record<SpokenLanguage, string>> = { ja: "ja-JP", en: "en-US" };

/** The most characters that one `talk` takes. */
const mostText = 1500;

type Action = Readonly<Record<string, unknown>>;

/** Each row of sentences of one language as one `talk`. Markup in them is said as it stands: `<speak>` alone would begin SSML. */
function talk(turn: Turn): Action[] {
  const rows: { language: SpokenLanguage; text: string }[] = [];
  for (const { language, text } of turn.say) {
    const last = rows.at(-1);
    if (last?.language === language && last.text.length + text.length < mostText) last.text += ` ${text}`;
    else rows.push({ language, text: text.slice(0, mostText) });
  }
  return rows
    .map(({ language, text }) => ({
      action: "talk",
      text: text.replaceAll(/[<>]/gu, " ").replaceAll(/\s+/gu, " ").trim(),
      language: languages[language],
      bargeIn: turn.digits > 0,
    }))
    .filter(({ text }) => text !== "");
}

/**
 * A turn as an NCCO (https://developer.vonage.com/en/voice/voice-api/ncco-reference). Vonage asks us after the first time for keys, so a
 * turn that is to be said more than once is said as often before it.
 */
export function nccoOf(turn: Turn, url: string): readonly Action[] {
  if (turn.digits === 0 && turn.isLast) return talk(turn);
  const listen = Math.min(10, Math.max(turn.digits === 0 ? 0 : 1, Math.ceil(turn.listen / 1000)));
  const input = {
    action: "input",
    type: ["dtmf"],
    dtmf: { maxDigits: Math.min(20, Math.max(1, turn.digits)), timeOut: listen, submitOnHash: true },
    eventUrl: [url],
    eventMethod: "POST",
  };
  const times = Math.max(1, Math.min(turn.times, 5));
  return [...Array.from({ length: times }, () => talk(turn)).flat(), input];
}

/** A turn that is only said, for a server that Vonage cannot reach. */
export function nccoSaid(turn: Turn, language: SpokenLanguage): readonly Action[] {
  const noKeys = {
    ja: "この電話ではキー操作ができません。画面またはチャットで対応してください。",
    en: "Keys do not work in this call. Please respond on the screen or in a chat.",
  } as const;
  const say = turn.digits > 0 ? [...turn.say, { language, text: noKeys[language] }] : turn.say;
  const once = talk({ ...turn, say, digits: 0 });
  return Array.from({ length: Math.max(1, Math.min(turn.times, 5)) }, () => once).flat();
}
