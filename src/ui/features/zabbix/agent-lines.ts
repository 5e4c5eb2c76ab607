/** The vendor's port: an agent that is told no other one takes it. */
const usualPort = 10_051;

/** The line that sends an agent here. */
export const serverLine = (host: string, port: number): string => {
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `ServerActive=${port === usualPort ? host : `${name}:${port}`}`;
};

/** The lines for an agent that reports by a key. */
export const pskLines = (identity: string): readonly string[] => [
  "TLSConnect=psk",
  `TLSPSKIdentity=${identity}`,
  "TLSPSKFile=/etc/zabbix/hinoban.psk",
];

/** Offsets below this come from the seconds that an agent gathers values. */
const rightWithin = 15_000;

const units = [
  { unit: "hours", seconds: 3600 },
  { unit: "minutes", seconds: 60 },
  { unit: "seconds", seconds: 1 },
] as const;

export type ClockState =
  | { readonly kind: "right" }
  | { readonly kind: "ahead" | "behind"; readonly amount: number; readonly unit: (typeof units)[number]["unit"] };

/** What a clock's offset in ms means. */
export function clockState(offset: number): ClockState {
  if (Math.abs(offset) < rightWithin) return { kind: "right" };
  const seconds = Math.abs(offset) / 1000;
  const { unit, seconds: one } = units.find((step) => seconds >= 2 * step.seconds) ?? units[2];
  return { kind: offset > 0 ? "ahead" : "behind", amount: Math.round(seconds / one), unit };
}

/** One a line, or between commas. */
export const networksOf = (text: string): string[] => text.split(/[\s,]+/u).filter((line) => line !== "");
