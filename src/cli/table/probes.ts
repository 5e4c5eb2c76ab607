import { outputFlags, type Command } from "../command.ts";

export const probeCommands: readonly Command[] = [
  {
    name: "probe",
    does: { en: "probe an address and diagnose the way to it", ja: "宛先をプローブして経路を診断" },
    more: [
      {
        en: "The server, or the agent of a host with --from, goes all the way: name, TCP on every address, what comes unasked, TLS, protocol. It tells where the way ends and what that usually means. Exit code 0 when it works, 1 when it does not.",
        ja: "サーバー（--from を付ければそのホストのエージェント）が、名前解決・全アドレスへの TCP 接続・相手の発言・TLS・プロトコルまで順にたどり、どこで終わるかとその意味を表示します。終了コードは正常なら 0、そうでなければ 1 です。",
      },
    ],
    flags: [
      {
        name: "from",
        kind: "text",
        value: "<host>",
        does: {
          en: "id or name of the host whose agent probes; without it, the server",
          ja: "プローブするエージェントのホスト ID または名前。省略するとサーバー",
        },
      },
      {
        name: "ping",
        kind: "switch",
        does: { en: "ping it instead", ja: "代わりに ping する" },
      },
      {
        name: "timeout",
        kind: "duration",
        value: "<length>",
        does: { en: "how long the whole may take, 1s to 60s; 15s when absent", ja: "全体の制限時間（1s〜60s、省略時 15s）" },
      },
      ...outputFlags,
    ],
    operands: {
      name: "ADDRESS",
      least: 1,
      most: 1,
      does: { en: "host, host:port or URL; port 443 when none is named", ja: "ホスト、ホスト:ポート、または URL。ポートを省略すると 443" },
    },
    examples: [
      { line: "hinoban probe vpn.example.jp:443", does: { en: "from the server", ja: "サーバーから" } },
      { line: "hinoban probe ssh://db1 --from web1", does: { en: "from the host web1", ja: "ホスト web1 から" } },
    ],
    load: async () => (await import("../run/probe.ts")).probe,
  },
];
