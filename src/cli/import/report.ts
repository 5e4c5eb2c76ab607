import type { Call } from "../call.ts";
import { prettyJson } from "../output.ts";
import { exitCodes, type Text } from "../text.ts";
import { padded, widthOf } from "../width.ts";
import type { StagesRun } from "./run-stages.ts";
import { kinds, outcomes, type Outcome, type Result, type Stage } from "./steps.ts";

const titles: Readonly<Record<Outcome, Text>> = {
  created: { en: "created", ja: "作成" },
  changed: { en: "changed", ja: "変更" },
  unchanged: { en: "unchanged", ja: "変更なし" },
  kept: { en: "kept", ja: "据え置き" },
  "left-out": { en: "left out", ja: "対象外" },
  failed: { en: "failed", ja: "失敗" },
};

const explained: readonly (readonly [Outcome, Text])[] = [
  [
    "kept",
    {
      en: "Kept as they are here; --overwrite would make them like the source:",
      ja: "こちらの内容のまま据え置き（--overwrite で移行元に合わせます）:",
    },
  ],
  ["left-out", { en: "Left out:", ja: "移していないもの:" }],
  ["failed", { en: "Failed:", ja: "失敗:" }],
];

const mostListed = 200;

/** Prints what was done, or would be, and answers the exit code: 0 only when nothing failed. */
export function report(
  call: Call,
  stages: readonly Stage[],
  { results, brokenBy }: StagesRun,
  isDry: boolean,
  next: readonly Text[],
): number {
  const { stdout } = call.world;
  if (call.text("format") === "json") stdout.write(jsonReport(call, stages, results, isDry));
  else stdout.write(textReport(call, stages, results, isDry));
  if (brokenBy) {
    call.error(brokenBy.text);
    call.error({
      en: "The run ended early; the same command goes on from here.",
      ja: "途中で終了しました。同じコマンドで続きから再開できます。",
    });
    return brokenBy.exit;
  }
  if (results.some((result) => result.outcome === "failed")) return exitCodes.failed;
  if (!isDry && call.text("format") !== "json") for (const text of next) stdout.write(`${call.say(text)}\n`);
  return exitCodes.done;
}

const count = (results: readonly Result[], kind: string, outcome: Outcome): number =>
  results.filter((result) => result.kind === kind && result.outcome === outcome).length;

function textReport(call: Call, stages: readonly Stage[], results: readonly Result[], isDry: boolean): string {
  const seen = stages.filter((stage) => results.some((result) => result.kind === stage.kind));
  const shown = outcomes.filter((outcome) => outcome === "created" || results.some((result) => result.outcome === outcome));
  const rows = [
    ["", ...shown.map((outcome) => call.say(titles[outcome]))],
    ...seen.map((stage) => [call.say(stage.title), ...shown.map((outcome) => String(count(results, stage.kind, outcome)))]),
  ];
  const widths = rows.reduce<number[]>((most, row) => row.map((text, index) => Math.max(most[index] ?? 0, widthOf(text))), []);
  const lines = rows.map((row) =>
    row
      .map((text, index) => (index === 0 ? padded(text, widths[0] ?? 0) : " ".repeat((widths[index] ?? 0) - widthOf(text)) + text))
      .join("  "),
  );
  const head = isDry
    ? `${call.say({ en: "Nothing was done; this is what would be:", ja: "何も実行していません。実行すると次のようになります:" })}\n`
    : "";
  const plan = isDry
    ? listed(
        call,
        results.filter((one) => one.outcome === "created" || one.outcome === "changed"),
        true,
      )
    : "";
  const details = explained.map(([outcome, title]) => {
    const some = results.filter((result) => result.outcome === outcome);
    return some.length === 0 ? "" : `\n${call.say(title)}\n${listed(call, some, false)}`;
  });
  return `${head}${plan}${lines.map((line) => `${line.trimEnd()}\n`).join("")}${details.join("")}`;
}

function listed(call: Call, results: readonly Result[], isPlan: boolean): string {
  const lines = results.slice(0, mostListed).map(({ kind, name, outcome, why }) => {
    const sign = isPlan ? (outcome === "created" ? "+ " : "~ ") : "";
    const thing = call.say(kinds[kind]) + (typeof name === "string" ? name : call.say(name));
    return `  ${sign}${thing}${why === undefined ? "" : `: ${call.say(why)}`}\n`;
  });
  const more = results.length - lines.length;
  return (
    lines.join("") +
    (more > 0
      ? `  ${call.say({ en: `and ${more} more (--format json lists them all)`, ja: `ほか ${more} 件（--format json ですべて表示）` })}\n`
      : "")
  );
}

function jsonReport(call: Call, stages: readonly Stage[], results: readonly Result[], isDry: boolean): string {
  const counts = Object.fromEntries(
    stages.map((stage) => [stage.kind, Object.fromEntries(outcomes.map((outcome) => [outcome, count(results, stage.kind, outcome)]))]),
  );
  const things = results.map(({ kind, name, outcome, why }) => ({
    kind,
    name: typeof name === "string" ? name : call.say(name),
    outcome,
    ...(why === undefined ? {} : { why: call.say(why) }),
  }));
  return prettyJson({ dryRun: isDry, counts, things });
}
