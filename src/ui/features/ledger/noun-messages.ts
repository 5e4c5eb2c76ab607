import { defineMessages } from "#kit/messages";

/** What the nouns of the verbs are called in the filter. */
export const nounNames = defineMessages({
  en: {
    installation: "Installation",
    backup: "Backup",
    permission: "Permissions",
    organisation: "Organisation",
    person: "People",
    session: "Sessions",
    member: "Members",
    invitation: "Invitations",
    key: "API keys",
    service: "Services",
    role: "Roles",
    host: "Hosts",
    metadata: "Metadata",
    "graph-definition": "Graph definitions",
  },
  ja: {
    installation: "システム",
    backup: "バックアップ",
    permission: "権限",
    organisation: "組織",
    person: "ユーザー",
    session: "セッション",
    member: "メンバー",
    invitation: "招待",
    key: "API キー",
    service: "サービス",
    role: "ロール",
    host: "ホスト",
    metadata: "メタデータ",
    "graph-definition": "グラフ定義",
  },
});
