import type { ChatKind } from "#wire/acts";
import type { IncidentAction, IncidentState, Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import type { SeenIncident } from "./seen-incident.ts";

/** What is said in chats. Everything that comes from elsewhere (titles, names) must be made harmless before it is put in. */
interface Texts {
  readonly took: (title: string) => string;
  readonly declined: (title: string) => string;
  readonly resolved: (title: string) => string;
  readonly taken: (name: string, time: string) => string;
  readonly yours: (time: string) => string;
  readonly over: string;
  readonly used: string;
  readonly refused: string;
  readonly connect: (link: string) => string;
  readonly connectBare: string;
  readonly notMember: string;
  readonly expired: string;
  readonly forged: string;
  readonly otherPerson: string;
  readonly noNumber: (verb: string) => string;
  readonly noIncident: (number: number) => string;
  readonly unknownWord: (word: string) => string;
  readonly help: (command: string) => string;
  readonly onDuty: string;
  readonly noSchedules: string;
  readonly nobody: string;
  readonly until: (time: string) => string;
  readonly quiet: string;
  readonly live: (count: number) => string;
  readonly more: (count: number) => string;
  readonly nobodyHas: string;
  readonly has: (name: string, time: string) => string;
  readonly isOver: string;
  readonly severity: Readonly<Record<Severity, string>>;
}

const en: Texts = {
  took: (title) => `You have ${title} now. Nobody else is called about it.`,
  declined: (title) => `Noted: you cannot take ${title}. The next person is told at once.`,
  resolved: (title) => `${title} is resolved.`,
  taken: (name, time) => `Already taken by ${name} at ${time}.`,
  yours: (time) => `You have it already, since ${time}.`,
  over: "This incident is resolved already.",
  used: "This button was used already. Open the incident to do more.",
  refused: "You may not do this. Ask a manager of the organisation.",
  connect: (link) => `Who are you? Connect your chat account once, then press again: ${link}`,
  connectBare:
    "Your chat account is not connected with a person, and this server does not know its own address. Ask whoever runs it to set it.",
  notMember: "You are no member of this organisation any more.",
  expired: "This button is too old. Open the incident instead.",
  forged: "This button is not one of ours.",
  otherPerson: "This message was for somebody else.",
  noNumber: (verb) => `Which incident? Say its number: ${verb} 12`,
  noIncident: (number) => `There is no incident #${number}.`,
  unknownWord: (word) => `I do not know "${word}".`,
  help: (command) =>
    [
      `${command} now - who is on duty`,
      `${command} incidents - what is open, and who has it`,
      `${command} take 12 - take incident 12`,
      `${command} cannot 12 - you cannot take it: the next person is told`,
      `${command} resolve 12 - it is over`,
    ].join("\n"),
  onDuty: "On duty now:",
  noSchedules: "There is no schedule.",
  nobody: "nobody",
  until: (time) => `until ${time}`,
  quiet: "All is quiet: no incident is open.",
  live: (count) => (count === 1 ? "1 incident is not resolved:" : `${count} incidents are not resolved:`),
  more: (count) => `and ${count} more`,
  nobodyHas: "nobody has it",
  has: (name, time) => `${name} has it since ${time}`,
  isOver: "resolved",
  severity: { critical: "Critical", error: "Error", warning: "Warning", information: "Information" },
};

const ja: Texts = {
  took: (title) => `${title} の担当者になりました。ほかの人への連絡は止まります。`,
  declined: (title) => `${title} に対応できないことを記録しました。ただちに次の人へ連絡します。`,
  resolved: (title) => `${title} を解決にしました。`,
  taken: (name, time) => `${time} に ${name} さんが担当しています。`,
  yours: (time) => `${time} からあなたが担当しています。`,
  over: "このインシデントは解決済みです。",
  used: "このボタンは使用済みです。続きはインシデントの画面で操作してください。",
  refused: "この操作を行う権限がありません。組織の管理者に確認してください。",
  connect: (link) => `はじめにチャットアカウントを連携し、もう一度ボタンを押してください: ${link}`,
  connectBare:
    "チャットアカウントが連携されていません。サーバーの公開 URL が未設定のため、連携用のリンクを作れません。サーバーの管理者に確認してください。",
  notMember: "すでにこの組織のメンバーではありません。",
  expired: "このボタンは期限切れです。インシデントの画面を開いてください。",
  forged: "このボタンは無効です。",
  otherPerson: "このメッセージは別の人宛てです。",
  noNumber: (verb) => `インシデントの番号を指定してください: ${verb} 12`,
  noIncident: (number) => `インシデント #${number} はありません。`,
  unknownWord: (word) => `「${word}」というコマンドはありません。`,
  help: (command) =>
    [
      `${command} now - 現在の当番`,
      `${command} incidents - 未解決のインシデントと担当者`,
      `${command} take 12 - インシデント 12 を担当する`,
      `${command} cannot 12 - 対応できない（次の人へ連絡）`,
      `${command} resolve 12 - 解決にする`,
    ].join("\n"),
  onDuty: "現在の当番:",
  noSchedules: "当番表はありません。",
  nobody: "なし",
  until: (time) => `${time} まで`,
  quiet: "異常はありません。未解決のインシデントはありません。",
  live: (count) => `未解決のインシデントが ${count} 件あります:`,
  more: (count) => `ほか ${count} 件`,
  nobodyHas: "担当者なし",
  has: (name, time) => `${name} さんが担当中（${time} から）`,
  isOver: "解決済み",
  severity: { critical: "重大", error: "障害", warning: "警告", information: "情報" },
};

export const chatTexts: Readonly<Record<Language, Texts>> = { en, ja };

/** Makes a text from elsewhere harmless: it mentions nobody, is no link and no markup. */
export function harmless(chat: ChatKind, text: string): string {
  const oneLine = text.replaceAll(/\s+/gu, " ").trim();
  if (chat === "slack") return oneLine.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  // A zero-width space keeps @channel from calling everybody.
  return oneLine
    .replaceAll(/[\\`*_~[\]()#>|!<]/gu, String.raw`\$&`)
    .replaceAll("@", "@\u200B")
    .replaceAll(/:(?=\/\/)/gu, ":\u200B");
}

/** The time on somebody's clock; with the day when it is another one. */
export function timeText(at: number, now: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone, month: "2-digit", day: "2-digit", year: "numeric" });
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = day.format(at);
  return date === day.format(now) ? clock.format(at) : `${date} ${clock.format(at)}`;
}

export interface Reader {
  readonly chat: ChatKind;
  readonly language: Language;
  readonly timeZone: string;
  readonly now: number;
}

export const titleOf = (incident: SeenIncident, chat: ChatKind): string => `#${incident.number} ${harmless(chat, incident.title)}`;

/** Who has it, in a few words. */
export function holderText({ state, responderName, takenAt }: SeenIncident, { chat, language, timeZone, now }: Reader): string {
  const texts = chatTexts[language];
  const byState: Readonly<Record<IncidentState, () => string>> = {
    resolved: () => texts.isOver,
    open: () => texts.nobodyHas,
    taken: () => texts.has(harmless(chat, responderName ?? ""), timeText(takenAt ?? now, now, timeZone)),
  };
  return byState[state]();
}

/** What somebody is told who did something. */
export function doneText(action: IncidentAction, incident: SeenIncident, { chat, language }: Reader): string {
  const texts = chatTexts[language];
  const title = titleOf(incident, chat);
  return { take: texts.took, cannot: texts.declined, resolve: texts.resolved }[action](title);
}
