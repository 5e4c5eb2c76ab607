import type { IncidentAction } from "#wire/alerting";
import type { Language } from "#wire/shapes";

interface Texts {
  readonly forPerson: (name: string, organisation: string) => string;
  readonly since: (time: string) => string;
  readonly nobody: string;
  readonly has: (name: string, time: string) => string;
  readonly over: string;
  readonly used: string;
  readonly declined: string;
  readonly ask: Readonly<Record<IncidentAction, string>>;
  readonly verb: Readonly<Record<IncidentAction, string>>;
  readonly expired: string;
  readonly invalid: string;
  readonly refused: string;
  readonly tooMany: string;
  readonly failed: string;
}

/** The page behind a link, for browsers without JavaScript. */
export const plainTexts: Readonly<Record<Language, Texts>> = {
  en: {
    forPerson: (name, organisation) => `For ${name}, ${organisation}`,
    since: (time) => `Since ${time}`,
    nobody: "Nobody has it.",
    has: (name, time) => `${name} has it since ${time}.`,
    over: "This incident is resolved.",
    used: "This link was used already. It works once.",
    declined: "Noted. The next person is being told.",
    ask: {
      take: "Take it? From then on you are responsible, and nobody else is called about it.",
      cannot: "You cannot take it? The next person is told at once.",
      resolve: "Is it over? Then it ends for everybody.",
    },
    verb: { take: "Take it", cannot: "I cannot", resolve: "Resolve it" },
    expired: "This link is too old. Sign in to see what is open now.",
    invalid: "This link is not valid. Perhaps a part of it is missing.",
    refused: "You may not do this: you are no longer a member of this organisation, or your role does not allow it.",
    tooMany: "Too many requests. Try again in a minute.",
    failed: "Something went wrong. Try again.",
  },
  ja: {
    forPerson: (name, organisation) => `${name} さん（${organisation}）宛て`,
    since: (time) => `${time} から`,
    nobody: "担当者がいません。",
    has: (name, time) => `${name} さんが担当中です（${time} から）。`,
    over: "このインシデントは解決済みです。",
    used: "このリンクは使用済みです。リンクが働くのは 1 回だけです。",
    declined: "記録しました。次の人へ連絡しています。",
    ask: {
      take: "担当しますか。以後あなたが担当者となり、ほかの人への連絡は止まります。",
      cannot: "対応できませんか。ただちに次の人へ連絡します。",
      resolve: "解決にしますか。全員に対して終了します。",
    },
    verb: { take: "担当する", cannot: "対応できない", resolve: "解決にする" },
    expired: "このリンクは期限切れです。ログインすると、現在の状況を確認できます。",
    invalid: "このリンクは無効です。リンクの一部が欠けている可能性があります。",
    refused: "この操作はできません。すでにこの組織のメンバーではないか、権限が足りません。",
    tooMany: "アクセスが集中しています。1 分後に再度お試しください。",
    failed: "エラーが発生しました。もう一度お試しください。",
  },
};
