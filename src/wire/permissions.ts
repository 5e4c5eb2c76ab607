import { Type, type Static } from "typebox";

/** From least to most: each role may do what those before it may. Mackerel's four. */
export const memberRoles = ["viewer", "collaborator", "manager", "owner"] as const;
export const MemberRole = Type.Union([
  Type.Literal("viewer"),
  Type.Literal("collaborator"),
  Type.Literal("manager"),
  Type.Literal("owner"),
]);
export type MemberRole = Static<typeof MemberRole>;

/** What an API key may do: look, change, or both; `administer` is both and besides what touches people and who may come in. */
export const KeyRights = Type.Union([Type.Literal("read"), Type.Literal("write"), Type.Literal("read-write"), Type.Literal("administer")]);
export type KeyRights = Static<typeof KeyRights>;

interface PermissionRule {
  /** The least role of a member that has it. */
  readonly role: MemberRole;
  /** What an API key must be able to do: `none` means that no key has it, whatever its rights. */
  readonly key: KeyRights | "none";
  /** Kept when an act was refused and shown on the permissions page. */
  readonly en: string;
  readonly ja: string;
}

const rule = (role: MemberRole, key: PermissionRule["key"], en: string, ja: string): PermissionRule => ({ role, key, en, ja });

/** Every permission: `noun.verb`, with the least role and the key right it takes. */
export const permissions = {
  "organisation.view": rule("viewer", "read", "See the organisation", "組織の閲覧"),
  "organisation.change": rule("manager", "none", "Change the organisation's settings", "組織設定の変更"),
  "organisation.create": rule("owner", "none", "Create another organisation", "別の組織の作成"),
  "member.view": rule("viewer", "read", "See the members", "メンバーの閲覧"),
  // Not with a key that may only read and write: every agent's host has such a key, and whoever breaks into one must not make themselves a member.
  "member.invite": rule("manager", "administer", "Invite people", "メンバーの招待"),
  "member.change": rule("manager", "administer", "Change roles and remove members", "メンバーの権限変更と削除"),
  "invitation.view": rule("manager", "read", "See open invitations", "招待の閲覧"),
  "network.view": rule("manager", "read", "See from where the organisation may be used", "アクセス元制限の閲覧"),
  "network.change": rule("manager", "administer", "Restrict from where the organisation may be used", "アクセス元制限の変更"),
  "owner.change": rule("owner", "none", "Make, unmake and remove owners", "オーナーの任命・解任・削除"),
  "key.view": rule("manager", "none", "See API keys", "APIキーの閲覧"),
  "key.change": rule("manager", "none", "Create and revoke API keys", "APIキーの作成と失効"),
  "ledger.view": rule("viewer", "read", "Read the history", "履歴の閲覧"),
  "ledger.verify": rule("viewer", "read", "Verify the history", "履歴の検証"),
  "inventory.view": rule("viewer", "read", "See hosts, services and roles", "ホスト・サービス・ロールの閲覧"),
  "host.register": rule("collaborator", "read-write", "Register hosts", "ホストの登録"),
  "host.import": rule("manager", "administer", "Take over hosts with the ids they had elsewhere", "ほかから ID ごとホストを引き継ぐ"),
  "host.change": rule("collaborator", "read-write", "Change hosts", "ホストの変更"),
  "host.assign": rule("collaborator", "write", "Put hosts into roles", "ホストのロール設定"),
  "host.retire": rule("collaborator", "read-write", "Retire hosts", "ホストの退役"),
  "service.change": rule(
    "collaborator",
    "read-write",
    "Create, change and delete services and roles",
    "サービス・ロールの作成・変更・削除",
  ),
  "metadata.change": rule("collaborator", "read-write", "Change metadata", "メタデータの変更"),
  "metrics.view": rule("viewer", "read", "See graphs", "グラフの閲覧"),
  "metrics.post": rule("collaborator", "read-write", "Post metrics", "メトリックの投稿"),
  "dashboard.view": rule("viewer", "read", "See dashboards", "ダッシュボードの閲覧"),
  "dashboard.change": rule("collaborator", "read-write", "Create, change and delete dashboards", "ダッシュボードの作成・変更・削除"),
  "annotation.view": rule("viewer", "read", "See graph annotations", "グラフアノテーションの閲覧"),
  "annotation.change": rule(
    "collaborator",
    "read-write",
    "Create, change and delete graph annotations",
    "グラフアノテーションの作成・変更・削除",
  ),
  "mapping.change": rule(
    "manager",
    "administer",
    "Change how metrics of Prometheus and OpenTelemetry are named",
    "Prometheus・OpenTelemetry の対応付けの変更",
  ),
  // The server itself sends requests to a target: that is for people who look after the network.
  "scrape.change": rule("manager", "administer", "Add, change and delete scrape targets", "スクレイプ対象の追加・変更・削除"),
  "share.change": rule("collaborator", "read-write", "Share graphs by a link", "グラフの共有リンクの作成と取り消し"),
  "alert.view": rule("viewer", "read", "See alerts", "アラートの閲覧"),
  "alert.change": rule("collaborator", "read-write", "Close alerts and write memos to them", "アラートのクローズとメモの編集"),
  "incident.view": rule("viewer", "read", "See incidents", "インシデントの閲覧"),
  "incident.act": rule(
    "collaborator",
    "read-write",
    "Take, pass on, snooze, resolve and comment incidents",
    "インシデントの担当・引き継ぎ・スヌーズ・解決・コメント",
  ),
  "alerting.change": rule(
    "manager",
    "administer",
    "Change how alerts are grouped and when they flap",
    "アラートのまとめ方・フラッピング判定の変更",
  ),
  "monitor.view": rule("viewer", "read", "See monitors", "監視ルールの閲覧"),
  "monitor.change": rule("collaborator", "read-write", "Create, change and delete monitors", "監視ルールの作成・変更・削除"),
  // The server or an agent sends packets wherever somebody says: as monitors do, and recorded.
  "probe.run": rule(
    "collaborator",
    "read-write",
    "Probe an address once and diagnose the way to it",
    "宛先を一度だけプローブして経路を診断",
  ),
  "downtime.view": rule("viewer", "read", "See downtimes", "ダウンタイムの閲覧"),
  "downtime.change": rule("collaborator", "read-write", "Create, change and delete downtimes", "ダウンタイムの作成・変更・削除"),
  "channel.view": rule("viewer", "read", "See channels and notification groups", "通知チャンネル・通知グループの閲覧"),
  "channel.change": rule(
    "collaborator",
    "read-write",
    "Create, change, test and delete channels and notification groups",
    "通知チャンネル・通知グループの作成・変更・テスト・削除",
  ),
  "mail-server.change": rule("manager", "none", "Change the mail server", "メールサーバーの変更"),
  "line.view": rule("viewer", "read", "See telephone lines", "電話回線の閲覧"),
  "line.change": rule("manager", "none", "Change telephone lines", "電話回線の変更"),
  "call.view": rule("viewer", "read", "See telephone calls", "通話履歴の閲覧"),
  "call.listen": rule("manager", "none", "Listen to recorded telephone calls", "通話の録音を聞く"),
  "call.make": rule("collaborator", "read-write", "Have calls made to try out lines", "回線を試すための架電"),
  "speech.view": rule("viewer", "read", "See and hear how texts are read out", "読み上げの閲覧と試聴"),
  "speech.change": rule("collaborator", "read-write", "Change readings and recordings", "よみ・録音の変更"),
  "report.view": rule("viewer", "read", "See reports", "レポートの閲覧"),
  "report.change": rule(
    "manager",
    "administer",
    "Make, send and delete reports, and change when and to whom they are sent",
    "レポートの作成・送付・削除と送付設定の変更",
  ),
  "duty.view": rule("viewer", "read", "See who is on duty", "当番の閲覧"),
  "duty.change": rule("collaborator", "read-write", "Change teams, schedules and who is on duty", "チーム・スケジュール・当番の変更"),
  "policy.view": rule("viewer", "read", "See escalation policies", "エスカレーションポリシーの閲覧"),
  "policy.change": rule("collaborator", "read-write", "Change escalation policies", "エスカレーションポリシーの変更"),
  "source.view": rule("viewer", "read", "See where alerts of other products come from", "外部アラート受信設定の閲覧"),
  "source.change": rule(
    "collaborator",
    "read-write",
    "Create, change and delete sources of alerts and heartbeats",
    "外部アラート受信設定・ハートビートの作成・変更・削除",
  ),
  "backup.make": rule("owner", "none", "Make a backup", "バックアップの作成"),
} as const satisfies Record<string, PermissionRule>;

export type Permission = keyof typeof permissions;
