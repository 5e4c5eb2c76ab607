import type { IncidentAction, Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import type { IncidentEffect } from "./model.ts";

/** Why a notice about an incident is sent: what changed, or that escalation went on to the next. */
export type NoticeCause = IncidentEffect | "escalated";

/** What a notice says, in one language. */
export interface NoticeWords {
  readonly severity: Record<Severity, string>;
  /** Behind the severity in the title; empty: nothing. */
  readonly cause: Record<NoticeCause, string>;
  readonly summary: Record<NoticeCause, (facts: { readonly name: string; readonly found: string; readonly until: string }) => string>;
  readonly action: Record<IncidentAction, string>;
  readonly host: string;
  readonly service: string;
  readonly value: string;
  readonly thresholds: string;
  readonly warning: string;
  readonly critical: string;
  readonly since: string;
  readonly responder: string;
  readonly nobody: string;
  readonly alert: string;
  readonly description: string;
  readonly more: (count: number) => string;
  readonly joiner: string;
}

const en: NoticeWords = {
  severity: { critical: "Critical", error: "Error", warning: "Warning", information: "Information" },
  cause: {
    opened: "",
    joined: "more alerts",
    "severity-raised": "worse",
    taken: "taken",
    passed: "passed on",
    declined: "next one",
    released: "given back",
    snoozed: "snoozed",
    woken: "again",
    resolved: "resolved",
    reopened: "reopened",
    commented: "comment",
    escalated: "",
  },
  summary: {
    opened: ({ found }) => found,
    escalated: ({ found }) => `Nobody has it yet. ${found}`,
    joined: ({ found }) => `More alerts joined. ${found}`,
    "severity-raised": ({ found }) => `It got worse. ${found}`,
    taken: ({ name }) => `${name} has it.`,
    passed: ({ name }) => `It was passed on; ${name} has it now.`,
    declined: ({ found }) => `Somebody who was asked cannot take it. ${found}`,
    released: ({ found }) => `It was given back: nobody has it. ${found}`,
    snoozed: ({ until }) => `Nobody is disturbed about it until ${until}.`,
    woken: ({ found }) => `The snooze is over and it is not. ${found}`,
    resolved: ({ name }) => (name === "" ? "All is well again." : `All is well again. ${name} had it.`),
    reopened: ({ name, found }) => (name === "" ? `It came back. ${found}` : `It came back; ${name} has it again. ${found}`),
    commented: ({ found }) => found,
  },
  action: { take: "I take it", cannot: "I cannot", resolve: "Resolve" },
  host: "Host",
  service: "Service",
  value: "Value",
  thresholds: "Thresholds",
  warning: "warning",
  critical: "critical",
  since: "Since",
  responder: "Responder",
  nobody: "nobody",
  alert: "Alert",
  description: "Description",
  more: (count) => `and ${count} more`,
  joiner: ", ",
};

const ja: NoticeWords = {
  severity: { critical: "重大", error: "障害", warning: "警告", information: "情報" },
  cause: {
    opened: "",
    joined: "アラート追加",
    "severity-raised": "悪化",
    taken: "担当決定",
    passed: "引き継ぎ",
    declined: "次の方へ",
    released: "担当解除",
    snoozed: "スヌーズ",
    woken: "再通知",
    resolved: "解決",
    reopened: "再発",
    commented: "コメント",
    escalated: "",
  },
  summary: {
    opened: ({ found }) => found,
    escalated: ({ found }) => `まだ担当者がいません。${found}`,
    joined: ({ found }) => `アラートが増えました。${found}`,
    "severity-raised": ({ found }) => `状態が悪化しました。${found}`,
    taken: ({ name }) => `${name} さんが担当します。`,
    passed: ({ name }) => `${name} さんに引き継がれました。`,
    declined: ({ found }) => `対応できないとの回答がありました。${found}`,
    released: ({ found }) => `担当が解除され、担当者がいません。${found}`,
    snoozed: ({ until }) => `${until} まで通知を止めています。`,
    woken: ({ found }) => `スヌーズが終わりましたが、まだ解決していません。${found}`,
    resolved: ({ name }) => (name === "" ? "すべて正常に戻りました。" : `すべて正常に戻りました(担当: ${name} さん)。`),
    reopened: ({ name, found }) => (name === "" ? `再発しました。${found}` : `再発しました。引き続き ${name} さんの担当です。${found}`),
    commented: ({ found }) => found,
  },
  action: { take: "担当する", cannot: "対応できない", resolve: "解決にする" },
  host: "ホスト",
  service: "サービス",
  value: "値",
  thresholds: "しきい値",
  warning: "警告",
  critical: "重大",
  since: "発生",
  responder: "担当者",
  nobody: "なし",
  alert: "アラート",
  description: "説明",
  more: (count) => `ほか ${count} 件`,
  joiner: "、",
};

export const noticeWords: Record<Language, NoticeWords> = { en, ja };

/** Whether it is bad news, good news, or only news. */
export const toneOf = (cause: NoticeCause): "bad" | "good" | "neutral" => tones[cause];

const tones: Record<NoticeCause, "bad" | "good" | "neutral"> = {
  opened: "bad",
  joined: "bad",
  "severity-raised": "bad",
  declined: "bad",
  released: "bad",
  woken: "bad",
  reopened: "bad",
  escalated: "bad",
  taken: "neutral",
  passed: "neutral",
  snoozed: "neutral",
  commented: "neutral",
  resolved: "good",
};
