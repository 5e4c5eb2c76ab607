import { outputFlags, type Command, type Flag } from "../command.ts";

const policy = {
  name: "POLICY",
  least: 1,
  most: 1,
  does: { en: "name or id of the policy", ja: "ポリシーの名前または ID" },
} as const;

const apply: readonly Flag[] = [
  {
    name: "file-path",
    short: "F",
    kind: "file",
    value: "<file>",
    isRequired: true,
    does: { en: "YAML or JSON of the policy", ja: "ポリシーを書いた YAML または JSON" },
  },
  {
    name: "confirm",
    kind: "switch",
    does: { en: "save although a step reaches nobody", ja: "誰にも届かないステップがあっても保存する" },
  },
];

const dryRun: readonly Flag[] = [
  {
    name: "file-path",
    short: "F",
    kind: "file",
    value: "<file>",
    does: { en: "a policy that is not saved", ja: "保存していないポリシー" },
  },
  {
    name: "severity",
    kind: "text",
    value: "<severity>",
    choices: ["information", "warning", "error", "critical"],
    does: { en: "severity of the incident; critical when absent", ja: "インシデントの重大度(省略時 critical)" },
  },
  {
    name: "service",
    short: "s",
    kind: "text",
    value: "<service>",
    does: { en: "the policy that holds for this service", ja: "このサービスに適用されるポリシー" },
  },
  {
    name: "at",
    kind: "time",
    value: "<time>",
    does: {
      en: "when it begins: seconds since 1970, 2026-11-22T09:00 or +6h; now when absent",
      ja: "開始時刻(UNIX 秒、2026-11-22T09:00、+6h など。省略時は現在)",
    },
  },
];

export const policyCommands: readonly Command[] = [
  {
    name: "policies",
    does: { en: "list escalation policies and what they hold for", ja: "エスカレーションポリシーと適用先の一覧を表示" },
    flags: outputFlags,
    load: async () => (await import("../run/policies.ts")).listPolicies,
    commands: [
      {
        name: "show",
        does: { en: "show a policy in the form that apply reads", ja: "ポリシーを apply で読み込める形で表示" },
        operands: policy,
        flags: outputFlags,
        load: async () => (await import("../run/policies.ts")).showPolicy,
      },
      {
        name: "apply",
        does: { en: "create a policy, or change the one of the same name", ja: "ポリシーを作成、同名のものがあれば変更" },
        more: [
          {
            en: "Targets are written person:<e-mail>, on-duty:<schedule>, next-on-duty:<schedule>, team:<team>, team-at-once:<team>, lead:<team>, channel:<channel> or owners.",
            ja: "相手は person:<メールアドレス>、on-duty:<当番表>、next-on-duty:<当番表>、team:<チーム>、team-at-once:<チーム>、lead:<チーム>、channel:<通知チャンネル>、owners のいずれかで書きます。",
          },
        ],
        flags: apply,
        examples: [
          { line: "hinoban policies apply -F web.yaml", does: { en: "save the policy of a file", ja: "ファイルのポリシーを保存" } },
        ],
        load: async () => (await import("../run/policies.ts")).applyPolicy,
      },
      {
        name: "dry-run",
        does: { en: "show minute by minute what would happen; nobody is told", ja: "何が起こるかを時系列で表示(実際には通知しない)" },
        operands: { ...policy, least: 0 },
        flags: [...dryRun, ...outputFlags],
        load: async () => (await import("../run/policies.ts")).dryRunPolicy,
      },
      {
        name: "delete",
        does: { en: "delete a policy that nothing is bound to", ja: "割り当てのないポリシーを削除" },
        operands: policy,
        load: async () => (await import("../run/policies.ts")).deletePolicy,
      },
    ],
  },
];
