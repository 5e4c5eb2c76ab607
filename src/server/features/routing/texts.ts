import type { AlertStatus } from "#wire/alerting";
import type { HostStatus } from "#wire/inventory";
import type { Language } from "#wire/shapes";

/** What a line of a summary is about. */
export type LineKind = "opened" | "changed" | "closed" | "again" | "group" | "host" | "monitor";

interface RoutingTexts {
  readonly host: string;
  readonly service: string;
  readonly roles: string;
  readonly change: string;
  readonly since: string;
  readonly lasted: string;
  readonly memo: string;
  readonly by: string;
  readonly again: (nth: number) => string;
  readonly alertGroup: (name: string) => string;
  readonly alertGroupSummary: (count: number, status: AlertStatus) => string;
  readonly alertGroupOver: string;
  readonly monitors: string;
  readonly hostRegistered: (name: string) => string;
  readonly hostRetired: (name: string) => string;
  readonly hostStatus: (name: string, to: string) => string;
  readonly hostStatusSummary: (from: string, to: string) => string;
  readonly hostStatuses: Readonly<Record<HostStatus, string>>;
  readonly monitorCreated: (name: string) => string;
  readonly monitorChanged: (name: string) => string;
  readonly monitorDeleted: (name: string) => string;
  readonly summaryTitle: (total: number) => string;
  readonly summary: (counts: Readonly<Record<LineKind, number>>) => string;
  readonly more: (count: number) => string;
  readonly all: string;
}

const kindsEn: Readonly<Record<LineKind, (n: number) => string>> = {
  opened: (n) => `${n} opened`,
  changed: (n) => `${n} changed`,
  closed: (n) => `${n} closed`,
  again: (n) => `${n} still open`,
  group: (n) => (n === 1 ? "1 alert group" : `${n} alert groups`),
  host: (n) => (n === 1 ? "1 host" : `${n} hosts`),
  monitor: (n) => (n === 1 ? "1 monitor" : `${n} monitors`),
};

const kindsJa: Readonly<Record<LineKind, (n: number) => string>> = {
  opened: (n) => `発生 ${n} 件`,
  changed: (n) => `変化 ${n} 件`,
  closed: (n) => `解消 ${n} 件`,
  again: (n) => `継続中 ${n} 件`,
  group: (n) => `アラートグループ ${n} 件`,
  host: (n) => `ホスト ${n} 台`,
  monitor: (n) => `監視ルール ${n} 件`,
};

const counted = (kinds: typeof kindsEn, counts: Readonly<Record<LineKind, number>>, joint: string): string =>
  (Object.keys(kinds) as LineKind[]) // the keys are exactly those of the record
    .flatMap((kind) => (counts[kind] > 0 ? [kinds[kind](counts[kind])] : []))
    .join(joint);

export const texts: Readonly<Record<Language, RoutingTexts>> = {
  en: {
    host: "Host",
    service: "Service",
    roles: "Roles",
    change: "Status",
    since: "Since",
    lasted: "From – to",
    memo: "Memo",
    by: "Closed by",
    again: (nth) => `Still open (told again, no. ${nth})`,
    alertGroup: (name) => `Alert group ${name}`,
    alertGroupSummary: (count, status) => (count === 1 ? `1 open alert, ${status}` : `${count} open alerts, the worst is ${status}`),
    alertGroupOver: "All of its alerts are closed.",
    monitors: "Monitors",
    hostRegistered: (name) => `Host registered: ${name}`,
    hostRetired: (name) => `Host retired: ${name}`,
    hostStatus: (name, to) => `Host ${name} is now ${to}`,
    hostStatusSummary: (from, to) => `${from} → ${to}`,
    hostStatuses: { working: "working", standby: "standby", maintenance: "under maintenance", poweroff: "powered off" },
    monitorCreated: (name) => `Monitor created: ${name}`,
    monitorChanged: (name) => `Monitor changed: ${name}`,
    monitorDeleted: (name) => `Monitor deleted: ${name}`,
    summaryTitle: (total) => `${total} messages at once`,
    summary: (counts) => counted(kindsEn, counts, ", "),
    more: (count) => `… and ${count} more`,
    all: "Messages came faster than anybody reads. Here they are together; the page shows all.",
  },
  ja: {
    host: "ホスト",
    service: "サービス",
    roles: "ロール",
    change: "状態",
    since: "発生時刻",
    lasted: "発生 – 解消",
    memo: "メモ",
    by: "クローズした人",
    again: (nth) => `継続中(${nth} 回目の再送)`,
    alertGroup: (name) => `アラートグループ ${name}`,
    alertGroupSummary: (count, status) => `発生中のアラート ${count} 件(最も重い状態は ${status})`,
    alertGroupOver: "含まれるアラートはすべてクローズしました。",
    monitors: "監視ルール",
    hostRegistered: (name) => `ホストを登録: ${name}`,
    hostRetired: (name) => `ホストを退役: ${name}`,
    hostStatus: (name, to) => `ホスト ${name} が ${to} になりました`,
    hostStatusSummary: (from, to) => `${from} → ${to}`,
    hostStatuses: { working: "稼働中", standby: "待機中", maintenance: "メンテナンス中", poweroff: "電源オフ" },
    monitorCreated: (name) => `監視ルールを作成: ${name}`,
    monitorChanged: (name) => `監視ルールを変更: ${name}`,
    monitorDeleted: (name) => `監視ルールを削除: ${name}`,
    summaryTitle: (total) => `通知 ${total} 件のまとめ`,
    summary: (counts) => counted(kindsJa, counts, "、"),
    more: (count) => `ほか ${count} 件`,
    all: "短い時間に多くの通知が発生したため、1 通にまとめました。すべてはリンク先のページで確認できます。",
  },
};
