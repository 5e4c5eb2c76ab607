/** What somebody typed behind `/hinoban`. */
export type Command =
  | { readonly kind: "now" | "incidents" | "help" }
  | { readonly kind: "take" | "cannot" | "resolve"; readonly number: number }
  /** Something that is to be done, without saying to which incident. */
  | { readonly kind: "unnumbered"; readonly verb: "take" | "cannot" | "resolve" }
  | { readonly kind: "unknown"; readonly word: string };

const words: ReadonlyMap<string, "now" | "incidents" | "help" | "take" | "cannot" | "resolve"> = new Map([
  ["now", "now"],
  ["duty", "now"],
  ["当番", "now"],
  ["incidents", "incidents"],
  ["list", "incidents"],
  ["一覧", "incidents"],
  ["インシデント", "incidents"],
  ["take", "take"],
  ["担当", "take"],
  ["担当する", "take"],
  ["cannot", "cannot"],
  ["対応不可", "cannot"],
  ["対応できない", "cannot"],
  ["resolve", "resolve"],
  ["解決", "resolve"],
  ["help", "help"],
  ["ヘルプ", "help"],
  ["", "help"],
]);

/** Takes apart what was typed, in either language and with digits of either width: `take 12`, `担当 #１２`. */
export function parseCommand(text: string): Command {
  const [word = "", number = ""] = text.normalize("NFKC").trim().split(/\s+/u);
  const kind = words.get(word.toLowerCase());
  if (kind === undefined) return { kind: "unknown", word: word.slice(0, 40) };
  if (kind === "now" || kind === "incidents" || kind === "help") return { kind };
  const digits = /^#?(\d{1,9})$/u.exec(number)?.[1];
  return digits === undefined ? { kind: "unnumbered", verb: kind } : { kind, number: Number(digits) };
}
