/**
 * Every verb that the ledger may hold, with the fields of its detail and a sentence for the history page in both languages.
 * A verb is `noun.verb` in the past tense; it is never renamed and never reused.
 */
export const verbs = {
  "installation.started": verb([], "The server started", "サーバーが起動した"),
  "installation.stopped": verb([], "The server stopped", "サーバーが停止した"),
  "installation.claimed": verb([], "Hinoban was set up", "初期設定を完了した"),
  "backup.made": verb(["bytes"], "A backup was made", "バックアップを作成した"),
  "permission.refused": verb(["verb", "missing"], "An act was refused", "操作が拒否された"),

  "organisation.created": verb(["name"], "The organisation was created", "組織を作成した"),
  "organisation.changed": verb(["fields"], "The organisation's settings were changed", "組織の設定を変更した"),
  "organisation.networks-restricted": verb(
    ["method", "networks"],
    "Access was restricted to certain networks",
    "アクセス元の制限を変更した",
  ),
  "person.created": verb([], "A person was added", "ユーザーを追加した"),
  "person.changed": verb(["fields"], "A person's profile was changed", "ユーザー情報を変更した"),
  "person.suspended": verb([], "A person was suspended", "ユーザーを停止した"),
  "person.reinstated": verb([], "A suspended person was reinstated", "停止していたユーザーを復帰させた"),
  "person.left": verb([], "A person left the last organisation", "ユーザーが最後の組織を離れた"),
  "person.returned": verb([], "A person who had left came back", "離れていたユーザーが戻った"),
  "person.password-changed": verb(["sessionsEnded"], "A password was changed", "パスワードを変更した"),
  "person.locked": verb(["until"], "An account was locked after wrong passwords", "パスワード誤りによりアカウントがロックされた"),
  "session.opened": verb(["method", "address"], "Signed in", "ログインした"),
  "session.refused": verb(["method", "address", "cause"], "A sign-in was refused", "ログインが拒否された"),
  "session.ended": verb(["cause", "count"], "A session ended", "セッションが終了した"),
  "member.invited": verb(["role"], "Somebody was invited", "メンバーを招待した"),
  "member.joined": verb(["role"], "A member joined", "メンバーが参加した"),
  "member.role-changed": verb(["from", "to"], "A member's role was changed", "メンバーの権限を変更した"),
  "member.removed": verb(["role"], "A member was removed", "メンバーを削除した"),
  "invitation.revoked": verb([], "An invitation was withdrawn", "招待を取り消した"),
  "key.created": verb(["rights", "expiresAt", "networks"], "An API key was created", "APIキーを作成した"),
  "key.revoked": verb([], "An API key was revoked", "APIキーを失効させた"),

  "service.created": verb(["name"], "A service was created", "サービスを作成した"),
  "service.changed": verb(["name", "fields"], "A service was changed", "サービスを変更した"),
  "service.deleted": verb(["name"], "A service was deleted", "サービスを削除した"),
  "role.created": verb(["service", "name"], "A role was created", "ロールを作成した"),
  "role.changed": verb(["service", "name", "fields"], "A role was changed", "ロールを変更した"),
  "role.deleted": verb(["service", "name"], "A role was deleted", "ロールを削除した"),
  "host.registered": verb(["name", "customIdentifier"], "A host was registered", "ホストを登録した"),
  "host.imported": verb(
    ["name", "customIdentifier"],
    "A host was taken over with the id it had elsewhere",
    "ほかで使っていた ID のままホストを引き継いだ",
  ),
  "host.changed": verb(["fields"], "A host was changed", "ホストの情報を変更した"),
  "host.status-changed": verb(["from", "to"], "A host's status was changed", "ホストのステータスを変更した"),
  "host.roles-changed": verb(["added", "removed"], "A host's roles were changed", "ホストのロールを変更した"),
  "host.retired": verb([], "A host was retired", "ホストを退役させた"),
  "metadata.changed": verb(["namespace"], "A metadata document was changed", "メタデータを変更した"),
  "metadata.deleted": verb(["namespace"], "A metadata document was deleted", "メタデータを削除した"),
  "graph-definition.changed": verb(["names"], "Graph definitions were changed", "グラフ定義を変更した"),
  "graph-definition.deleted": verb(["name"], "A graph definition was deleted", "グラフ定義を削除した"),
  "dashboard.created": verb(["name"], "A dashboard was created", "ダッシュボードを作成した"),
  "dashboard.changed": verb(["name", "fields"], "A dashboard was changed", "ダッシュボードを変更した"),
  "dashboard.deleted": verb(["name"], "A dashboard was deleted", "ダッシュボードを削除した"),
  "annotation.created": verb(["service", "name"], "A graph annotation was created", "グラフアノテーションを作成した"),
  "annotation.changed": verb(["service", "name", "fields"], "A graph annotation was changed", "グラフアノテーションを変更した"),
  "annotation.deleted": verb(["service", "name"], "A graph annotation was deleted", "グラフアノテーションを削除した"),
  "downtime.created": verb(["name", "start", "minutes", "repeats"], "A downtime was created", "ダウンタイムを作成した"),
  "downtime.changed": verb(["name", "fields"], "A downtime was changed", "ダウンタイムを変更した"),
  "downtime.ended": verb(["name"], "A downtime was ended early", "ダウンタイムを終了した"),
  "downtime.deleted": verb(["name"], "A downtime was deleted", "ダウンタイムを削除した"),
  "prometheus-mapping.changed": verb(
    ["revision", "rules"],
    "The naming of Prometheus's metrics was changed",
    "Prometheus メトリックの対応付けを変更した",
  ),
  "otlp-mapping.changed": verb(
    ["fields"],
    "The naming of OpenTelemetry's metrics was changed",
    "OpenTelemetry メトリックの対応付けを変更した",
  ),
  "scrape-target.created": verb(["url"], "A scrape target was added", "スクレイプ対象を追加した"),
  "scrape-target.changed": verb(["url", "fields"], "A scrape target was changed", "スクレイプ対象を変更した"),
  "scrape-target.deleted": verb(["url"], "A scrape target was deleted", "スクレイプ対象を削除した"),

  "share.created": verb(["label", "owner", "graph", "period", "expiresAt"], "A graph was shared by a link", "グラフの共有リンクを作成した"),
  "share.revoked": verb(["label"], "A share link was revoked", "グラフの共有リンクを取り消した"),

  "chat-account.connected": verb(["chat", "name"], "A chat account was connected", "チャットのアカウントを連携した"),
  "chat-account.disconnected": verb(["chat"], "A chat account was disconnected", "チャットのアカウントの連携を解除した"),
  "act.refused": verb(
    ["via", "cause", "action", "channel", "address"],
    "A link or button for an incident was refused",
    "インシデントのリンクやボタンの操作を拒否した",
  ),

  "monitor.created": verb(["type", "name"], "A monitor was created", "監視ルールを作成した"),
  "monitor.changed": verb(["fields", "name"], "A monitor was changed", "監視ルールを変更した"),
  "monitor.muted": verb(["name"], "A monitor was muted", "監視ルールをミュートした"),
  "monitor.unmuted": verb(["name"], "A monitor was unmuted", "監視ルールのミュートを解除した"),
  "monitor.deleted": verb(["type", "name"], "A monitor was deleted", "監視ルールを削除した"),
  "alert.opened": verb(["status", "severity", "incident", "host", "message"], "An alert was opened", "アラートが発生した"),
  "alert.changed": verb(
    ["from", "to", "severity", "incident", "host", "message"],
    "An alert changed its status",
    "アラートの状態が変わった",
  ),
  "alert.closed": verb(["from", "trigger", "incident", "host", "reason"], "An alert was closed", "アラートがクローズした"),
  "alert.memo-changed": verb([], "A memo was written to an alert", "アラートのメモを変更した"),
  "incident.opened": verb(["number", "severity", "title", "cause", "via"], "An incident was opened", "インシデントが発生した"),
  "incident.changed": verb(["fields", "title", "via"], "An incident was described anew", "インシデントの説明を変更した"),
  "incident.severity-raised": verb(["from", "to"], "An incident became more severe", "インシデントの重大度が上がった"),
  "incident.taken": verb(["person", "via"], "Somebody took an incident", "インシデントの担当者が決まった"),
  "incident.passed": verb(["from", "to", "via", "note"], "An incident was passed on", "インシデントを引き継いだ"),
  "incident.declined": verb(["person", "via", "note"], "Somebody cannot take an incident", "インシデントに対応できないと回答した"),
  "incident.released": verb(["from", "via", "note"], "An incident was given back", "インシデントの担当を解除した"),
  "incident.snoozed": verb(["until", "via", "note"], "An incident was snoozed", "インシデントをスヌーズした"),
  "incident.woken": verb(["via"], "The snooze of an incident ended", "インシデントのスヌーズが終わった"),
  "incident.resolved": verb(["cause", "from", "via", "note", "into"], "An incident was resolved", "インシデントが解決した"),
  "incident.reopened": verb(["cause", "person", "via", "note"], "An incident was reopened", "インシデントを再オープンした"),
  "incident.commented": verb(["via", "text"], "A comment was written to an incident", "インシデントにコメントした"),
  "incident.split": verb(["alerts", "into", "via"], "Alerts were split out of an incident", "インシデントからアラートを切り離した"),
  "incident.merged": verb(["other", "via"], "An incident took over the alerts of another", "別のインシデントを統合した"),
  "alerting.grouping-changed": verb(["fields"], "How alerts are grouped was changed", "アラートのまとめ方を変更した"),
  "host.dependencies-changed": verb(["added", "removed"], "On what a host depends was changed", "ホストの依存関係を変更した"),
  "alert-group-setting.created": verb(["name"], "An alert group setting was created", "アラートグループ設定を作成した"),
  "alert-group-setting.changed": verb(["name"], "An alert group setting was changed", "アラートグループ設定を変更した"),
  "alert-group-setting.deleted": verb(["name"], "An alert group setting was deleted", "アラートグループ設定を削除した"),

  "zabbix-psk.created": verb(
    ["identity", "hostName"],
    "A pre-shared key for Zabbix agents was created",
    "Zabbix エージェントの事前共有鍵を作成した",
  ),
  "zabbix-psk.revoked": verb([], "A pre-shared key of Zabbix agents was revoked", "Zabbix エージェントの事前共有鍵を失効させた"),
  "zabbix-settings.changed": verb(
    ["fields", "networks", "autoregister"],
    "Who may report as a Zabbix agent was changed",
    "Zabbix エージェントの受付設定を変更した",
  ),

  "escalation-policy.created": verb(["name"], "An escalation policy was created", "エスカレーションポリシーを作成した"),
  "escalation-policy.changed": verb(
    ["name", "fields", "version", "isConfirmed"],
    "An escalation policy was changed",
    "エスカレーションポリシーを変更した",
  ),
  "escalation-policy.deleted": verb(["name"], "An escalation policy was deleted", "エスカレーションポリシーを削除した"),
  "escalation-bindings.changed": verb(
    ["added", "removed"],
    "Which escalation policies hold for what was changed",
    "エスカレーションポリシーの割り当てを変更した",
  ),
  "incident.escalated": verb(
    ["run", "policy", "ladder", "round", "step", "persons", "channels", "media"],
    "Somebody was told of an incident",
    "インシデントを通知した",
  ),
  "escalation.restarted": verb(["run", "cause"], "The auditor set an escalation going again", "監査ジョブがエスカレーションを再開した"),

  "team.created": verb(["name"], "A team was created", "チームを作成した"),
  "team.changed": verb(["name", "fields", "members", "lead"], "A team was changed", "チームを変更した"),
  "team.deleted": verb(["name"], "A team was deleted", "チームを削除した"),
  "calendar.created": verb(["name"], "A calendar of working days was created", "営業日カレンダーを作成した"),
  "calendar.changed": verb(["name", "fields"], "A calendar of working days was changed", "営業日カレンダーを変更した"),
  "calendar.deleted": verb(["name"], "A calendar of working days was deleted", "営業日カレンダーを削除した"),
  "schedule.created": verb(["name"], "A schedule was created", "当番表を作成した"),
  "schedule.changed": verb(["name", "fields", "revision"], "A schedule was changed", "当番表を変更した"),
  "schedule.deleted": verb(["name"], "A schedule was deleted", "当番表を削除した"),
  "override.created": verb(
    ["override", "kind", "person", "insteadOf", "from", "to", "reason"],
    "Who is on duty was overridden for a while",
    "当番の代行を設定した",
  ),
  "override.deleted": verb(["override", "kind", "person", "insteadOf", "from", "to"], "An override was deleted", "当番の代行を取り消した"),
  "swap.proposed": verb(
    ["schedule", "person", "other", "giveFrom", "giveTo", "takeFrom", "takeTo", "reason"],
    "A swap of shifts was proposed",
    "当番の交代を申し込んだ",
  ),
  "swap.accepted": verb(["schedule", "person", "isDecided", "overrides"], "A swap of shifts was accepted", "当番の交代を承諾した"),
  "swap.declined": verb(["schedule", "person"], "A swap of shifts was declined", "当番の交代を断った"),
  "swap.withdrawn": verb(["schedule"], "A proposed swap of shifts was withdrawn", "当番の交代の申し込みを取り下げた"),
  "absence.created": verb(["person", "from", "to", "note"], "An absence was noted", "不在を登録した"),
  "absence.deleted": verb(["person", "from", "to"], "An absence was deleted", "不在を削除した"),
  "absence.imported": verb(
    ["count", "replaced", "source"],
    "Absences were read from a calendar file",
    "カレンダーファイルから不在を取り込んだ",
  ),
  "duty-feed.created": verb(["schedule", "person"], "A secret calendar address was made", "カレンダー購読用の秘密の URL を発行した"),
  "duty-feed.revoked": verb(["schedule", "person"], "A secret calendar address was revoked", "カレンダー購読用の秘密の URL を失効させた"),
  "duty.handed-over": verb(["from", "to"], "The duty changed hands", "当番が交代した"),
  "duty.gap-found": verb(["from", "to"], "A gap in a schedule was found ahead", "当番表の空白を検出した"),
} as const;

export type Verb = keyof typeof verbs;

interface VerbText {
  /** The keys that `detail` may have. */
  readonly detail: readonly string[];
  readonly en: string;
  readonly ja: string;
}

function verb(detail: readonly string[], en: string, ja: string): VerbText {
  return { detail, en, ja };
}
