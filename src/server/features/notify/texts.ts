import type { Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";

/** The few words that channels add to what a notice says. */
export interface ChannelTexts {
  readonly open: string;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly footer: (organisation: string) => string;
  /** Below the links that only one person may use. */
  readonly linksAreYours: string;
  readonly graph: string;
  readonly cut: string;
}

export const texts: Readonly<Record<Language, ChannelTexts>> = {
  en: {
    open: "Open in Hinoban",
    severity: { information: "Information", warning: "Warning", error: "Error", critical: "Critical" },
    footer: (organisation) => `Sent by Hinoban for ${organisation}.`,
    linksAreYours: "These links act in your name: do not pass this mail on.",
    graph: "Graph",
    cut: "… (cut short)",
  },
  ja: {
    open: "Hinoban で開く",
    severity: { information: "情報", warning: "警告", error: "エラー", critical: "重大" },
    footer: (organisation) => `${organisation} の Hinoban から送信`,
    linksAreYours: "リンクはあなたの名前で操作します。このメールは転送しないでください。",
    graph: "グラフ",
    cut: "…(以下省略)",
  },
};

/** Colours of a notice: over is green, whatever it was. */
export const colourOf = ({ tone, severity }: { readonly tone: "bad" | "good" | "neutral"; readonly severity: Severity }): string => {
  if (tone === "good") return "#2b8a3e";
  if (tone === "neutral") return "#495057";
  return { information: "#1864ab", warning: "#e67700", error: "#d9480f", critical: "#c92a2a" }[severity];
};

/** At most that many characters; never half of one. */
export function cut(text: string, most: number, mark = "…"): string {
  if (text.length <= most) return text;
  const letters = Array.from(text.slice(0, most));
  let kept = letters.join("");
  while (kept.length + mark.length > most) {
    letters.pop();
    kept = letters.join("");
  }
  return kept + mark;
}
