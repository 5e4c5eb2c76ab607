import type { TextLanguage } from "../number-text.ts";

type Words = Readonly<Record<TextLanguage, string>>;
const say = (en: string, ja: string): Words => ({ en, ja });

/** What titles a graph besides its name. */
interface Titled {
  readonly name: string;
  readonly kind: "system" | "custom" | "service";
  readonly title: string;
}

/** System graphs, by name; then those of roles, one figure over all hosts. */
const systemTitles: ReadonlyMap<string, Words> = new Map([
  ["loadavg", say("Load average", "ロードアベレージ")],
  ["cpu", say("CPU", "CPU")],
  ["memory", say("Memory", "メモリ")],
  ["swap", say("Swap", "スワップ")],
  ["disk", say("Disk operations", "ディスク I/O")],
  ["interface", say("Network traffic", "ネットワークトラフィック")],
  ["filesystem", say("File systems", "ファイルシステム")],
  ["loadavg5", say("Load average (5 min)", "ロードアベレージ (5 分)")],
  ["processor_queue_length", say("Processor queue length", "プロセッサーキュー長")],
  ["cpu%", say("CPU", "CPU")],
  ["cpu.user.percentage", say("CPU user", "CPU ユーザー")],
  ["cpu.system.percentage", say("CPU system", "CPU システム")],
  ["cpu.iowait.percentage", say("CPU I/O wait", "CPU I/O 待ち")],
  ["memory%", say("Memory used (%)", "メモリ使用率")],
  ["memory.used", say("Memory used", "メモリ使用量")],
  ["interface.rxBytes.delta", say("Network in", "ネットワーク受信")],
  ["interface.txBytes.delta", say("Network out", "ネットワーク送信")],
  ["disk.reads.delta", say("Disk reads", "ディスク読み取り")],
  ["disk.writes.delta", say("Disk writes", "ディスク書き込み")],
  ["disk%", say("Fullest file system", "ファイルシステム最大使用率")],
]);

/** The graphs that our own agent defines, as it titles them. Under another title they are somebody's own. */
const agentTitles: ReadonlyMap<string, Words> = new Map([
  ["custom.processes", say("Processes", "プロセス")],
  ["custom.uptime", say("Uptime", "稼働時間")],
]);

/** System graphs and our own agent's in the reader's language; the others, and those nobody here knows, as they are titled. */
export function graphTitle({ name, kind, title }: Titled, language: TextLanguage): string {
  if (kind === "system") return systemTitles.get(name)?.[language] ?? title;
  const known = kind === "custom" ? agentTitles.get(name) : undefined;
  return known?.en === title ? known[language] : title;
}

/** What the layers and lines of system graphs are called, by the metric's name without the device. */
const seriesNames: ReadonlyMap<string, string> = new Map([
  ["loadavg1", "1 分平均"],
  ["loadavg5", "5 分平均"],
  ["loadavg15", "15 分平均"],
  ["processor_queue_length", "キュー長"],
  ["cpu.user.percentage", "ユーザー"],
  ["cpu.nice.percentage", "nice"],
  ["cpu.system.percentage", "システム"],
  ["cpu.irq.percentage", "割り込み"],
  ["cpu.softirq.percentage", "ソフト割り込み"],
  ["cpu.iowait.percentage", "I/O 待ち"],
  ["cpu.steal.percentage", "steal"],
  ["cpu.guest.percentage", "ゲスト"],
  ["cpu.idle.percentage", "アイドル"],
  ["memory.used", "使用中"],
  ["memory.available", "利用可能"],
  ["memory.mem_available", "利用可能"],
  ["memory.buffers", "バッファ"],
  ["memory.cached", "キャッシュ"],
  ["memory.free", "空き"],
  ["memory.total", "合計"],
  ["memory.swap_used", "使用中"],
  ["memory.swap_cached", "キャッシュ"],
  ["memory.swap_free", "空き"],
  ["memory.swap_total", "合計"],
  ["memory.pagefile_total", "ページファイル合計"],
  ["memory.pagefile_free", "ページファイル空き"],
]);

/** The same for metrics of devices: `disk.<device>.reads.delta`. */
const deviceNames: ReadonlyMap<string, string> = new Map([
  ["disk.reads.delta", "読み取り"],
  ["disk.writes.delta", "書き込み"],
  ["interface.rxBytes.delta", "受信"],
  ["interface.txBytes.delta", "送信"],
  ["filesystem.used", "使用量"],
  ["filesystem.size", "容量"],
]);

/** The label of a series: Mackerel's system metrics in the reader's language, all others as they are labelled. */
export function seriesLabel(name: string, label: string, language: TextLanguage): string {
  if (language === "en") return label;
  const plain = seriesNames.get(name);
  if (plain !== undefined) return plain;
  const [kind = "", device = "", ...rest] = name.split(".");
  const known = deviceNames.get([kind, ...rest].join("."));
  return known === undefined ? label : `${device} ${known}`;
}

/** What the lines of a role's graph are called. */
export const roleTexts: Readonly<
  Record<
    TextLanguage,
    {
      readonly sum: string;
      readonly average: string;
      readonly most: string;
      readonly least: string;
      readonly retired: (name: string) => string;
    }
  >
> = {
  en: { sum: "Sum", average: "Average", most: "Max", least: "Min", retired: (name) => `${name} (retired)` },
  ja: { sum: "合計", average: "平均", most: "最大", least: "最小", retired: (name) => `${name}（退役済み）` },
};
