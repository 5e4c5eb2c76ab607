import { unixMs, type UnixMs } from "#base/duration";
import { isTimeZone, wallClock, type LocalMs, type WallClock } from "#base/wall-time";
import type { JCal } from "./jcal.ts";
import { childrenOf, propertiesOf, readLocalText, textOfProperty } from "./jcal.ts";
import { readRule } from "./read-rule.ts";
import { occurrences, type Budget } from "./recurrence.ts";

/** A change of offset that a file's own zone describes. */
interface Onset {
  /** When it happens, on the clock that shows the time before it. */
  readonly at: number;
  /** Milliseconds east of UTC from then on. */
  readonly offset: number;
}

/**
 * The clocks that a file names. Known zones are taken from the machine's tables; only others from what the file says about them
 * (VTIMEZONE), since programs write rules of zones that were right once.
 */
export class FileZones {
  readonly #own = new Map<string, WallClock>();

  /** @throws RuleProblem for a zone whose rules cannot be read */
  constructor(calendars: readonly JCal[], window: { readonly from: number; readonly to: number }, budget: Budget) {
    for (const zone of calendars.flatMap((calendar) => childrenOf(calendar, "vtimezone"))) {
      const id = textOfProperty(zone, "tzid");
      if (id === undefined || isTimeZone(id)) continue;
      this.#own.set(id, clockOf(id, zone, window, budget));
    }
  }

  /** undefined: nobody knows the zone. */
  find(tzid: string): WallClock | undefined {
    if (isTimeZone(tzid)) return wallClock(tzid);
    // Some programs write `/vendor/Asia/Tokyo`.
    const tail = tzid.split("/").slice(-2).join("/");
    return this.#own.get(tzid) ?? (tzid.startsWith("/") && isTimeZone(tail) ? wallClock(tail) : undefined);
  }
}

const year = 366 * 86_400_000;

function clockOf(zone: string, component: JCal, window: { readonly from: number; readonly to: number }, budget: Budget): WallClock {
  const onsets: Onset[] = [];
  let before = 0;
  for (const kind of ["standard", "daylight"]) {
    for (const rules of childrenOf(component, kind)) {
      const from = offsetOf(textOfProperty(rules, "tzoffsetfrom"));
      const offset = offsetOf(textOfProperty(rules, "tzoffsetto"));
      const start = readLocalText(textOfProperty(rules, "dtstart") ?? "");
      if (start === undefined) continue;
      const [rule] = propertiesOf(rules, "rrule");
      const seen = { from: Math.min(start, window.from) - year, to: window.to + year };
      const starts = rule
        ? [
            start,
            ...occurrences(
              start,
              readRule(rule[3], start % 86_400_000, (text) => readLocalText(text) ?? seen.to),
              { ...seen, from: window.from - 2 * year },
              budget,
            ),
          ]
        : [start];
      for (const local of starts) onsets.push({ at: local - from, offset });
      if (kind === "standard") before = from;
    }
  }
  onsets.sort((a, b) => a.at - b.at);
  return clockOfOnsets(zone, before, onsets);
}

/** "+09:00" in milliseconds */
function offsetOf(text: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?$/u.exec(text ?? "");
  if (!match) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return (match[1] === "-" ? -1 : 1) * seconds * 1000;
}

function clockOfOnsets(zone: string, before: number, onsets: readonly Onset[]): WallClock {
  const offsetAt = (at: number): number => onsets.findLast((onset) => onset.at <= at)?.offset ?? before;
  return {
    zone,
    toLocal: (at) => at + offsetAt(at),
    toInstant: (local: LocalMs): UnixMs => {
      const spans = [{ from: -Infinity, offset: before }, ...onsets.map((onset) => ({ from: onset.at, offset: onset.offset }))];
      const index = spans.findIndex((span, i) => local < (spans[i + 1]?.from ?? Infinity) + span.offset);
      const span = spans[index] ?? { from: -Infinity, offset: before };
      return unixMs(Math.max(span.from, local - span.offset));
    },
  };
}
