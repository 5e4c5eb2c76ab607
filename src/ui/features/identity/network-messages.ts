import { defineMessages } from "#kit/messages";

/** From where an organisation may be used. */
export const messages = defineMessages({
  en: {
    title: "Allowed networks",
    intro: "From where this organisation may be used. Whoever comes from elsewhere is refused, and the refusal stands in the history.",
    yours: (p: { address: string }) => `You come from ${p.address}.`,
    web: "The console",
    webHint: "People who sign in. One address or network a line, such as 192.0.2.0/24; empty: from anywhere.",
    api: "API keys",
    apiHint: "Agents and programs with a key. The server's own agent is always let in; other protocols have networks of their own.",
    shutOut: (p: { address: string }) => `You would shut yourself out: your address ${p.address} is in none of them.`,
    wrong: "Addresses and networks in CIDR notation, one a line.",
    saved: "Saved. It counts from now on.",
    readOnly: "Managers can change this.",
  },
  ja: {
    title: "アクセス元の制限",
    intro: "この組織を利用できる接続元を制限します。それ以外からの利用は拒否され、操作履歴に残ります。",
    yours: (p: { address: string }) => `現在の接続元: ${p.address}`,
    web: "コンソール",
    webHint: "ログインするメンバー。192.0.2.0/24 のようなアドレスかネットワークを 1 行に 1 つ。空欄の場合はどこからでも利用できます。",
    api: "API キー",
    apiHint: "キーを使うエージェントやプログラム。このサーバー自身のエージェントは常に許可されます。他のプロトコルには別の制限があります。",
    shutOut: (p: { address: string }) => `現在の接続元 ${p.address} が含まれないため、自分自身が利用できなくなります。`,
    wrong: "アドレスか CIDR 表記のネットワークを 1 行に 1 つ入力してください。",
    saved: "保存しました。すぐに反映されます。",
    readOnly: "変更は管理者以上の権限が必要です。",
  },
});
