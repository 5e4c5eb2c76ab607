import type { UnixMs } from "#base/duration";
import type { Language } from "#wire/shapes";
import type { Notice } from "./model.ts";

export type Example = "opened" | "taken" | "resolved";

interface ExampleTexts {
  readonly titles: Readonly<Record<Example, string>>;
  readonly summaries: Readonly<Record<Example, string>>;
  readonly facts: readonly (readonly [string, string])[];
  readonly take: string;
  readonly cannot: string;
  readonly testTitle: (organisation: string) => string;
  readonly testSummary: string;
}

const words: Readonly<Record<Language, ExampleTexts>> = {
  en: {
    titles: {
      opened: "[Critical] web01: CPU is busy",
      taken: "[Taken] web01: CPU is busy",
      resolved: "[Resolved] web01: CPU is busy",
    },
    summaries: {
      opened: "cpu% is 97.2, above 90. Nobody has taken this incident.",
      taken: "Hanako Sato has taken this incident.",
      resolved: "cpu% is 12.4 again.",
    },
    facts: [
      ["Host", "web01"],
      ["Role", "shop:web"],
      ["Value", "97.2 > 90"],
    ],
    take: "Take it",
    cannot: "I cannot",
    testTitle: (organisation) => `[Test] Hinoban of ${organisation}`,
    testSummary: "This is a test. If you can read it, messages arrive here.",
  },
  ja: {
    titles: {
      opened: "[重大] web01: CPU 使用率が高い",
      taken: "[担当者決定] web01: CPU 使用率が高い",
      resolved: "[解決] web01: CPU 使用率が高い",
    },
    summaries: {
      opened: "cpu% が 97.2 になり、しきい値 90 を超えました。担当者はまだいません。",
      taken: "佐藤 花子 さんが担当しています。",
      resolved: "cpu% は 12.4 に戻りました。",
    },
    facts: [
      ["ホスト", "web01"],
      ["ロール", "shop:web"],
      ["値", "97.2 > 90"],
    ],
    take: "担当する",
    cannot: "対応できない",
    testTitle: (organisation) => `[テスト] ${organisation} の Hinoban`,
    testSummary: "これはテストです。この文が読めれば、通知は届いています。",
  },
};

const shown: Readonly<Record<Example, Required<Pick<Notice, "severity" | "tone" | "standing">> & Pick<Notice, "mention">>> = {
  opened: { severity: "critical", tone: "bad", standing: "open", mention: "critical" },
  taken: { severity: "critical", tone: "neutral", standing: "taken", mention: undefined },
  resolved: { severity: "critical", tone: "good", standing: "over", mention: "ok" },
};

/** An incident as it might be, for people who look at what a channel would show. */
export function exampleNotice(example: Example, language: Language, base: string): Notice {
  const t = words[language];
  const act = `${base}/act/example`;
  return {
    ...shown[example],
    title: t.titles[example],
    summary: t.summaries[example],
    facts: t.facts.map(([label, value]) => ({ label, value })),
    url: `${base}/o/example/incidents/example`,
    actions:
      example === "opened"
        ? [
            { action: "take", label: t.take, url: act, token: "example" },
            { action: "cannot", label: t.cannot, url: act, token: "example" },
          ]
        : [],
    thread: "incident:example",
    picture: undefined,
    mackerel: undefined,
  };
}

/** What a test says. */
export function testNotice(language: Language, organisation: string, at: UnixMs): Notice {
  const t = words[language];
  return {
    severity: "information",
    tone: "neutral",
    title: t.testTitle(organisation),
    summary: t.testSummary,
    facts: [{ label: "Time", value: new Date(at).toISOString() }],
    url: undefined,
    actions: [],
    thread: undefined,
    picture: undefined,
    mackerel: undefined,
    mention: undefined,
  };
}
