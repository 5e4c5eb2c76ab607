import { useEffect, useRef } from "react";
import { millis } from "#base/duration";
import { useClock } from "#kit/clock";

/** How long the second key of a pair may take. */
const pairWithin = millis(1200);

/** Keys → what to do: "/" alone, or a pair such as "g h". */
export type Shortcuts = Readonly<Record<string, () => void>>;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** Listens for shortcuts while the page is open; never while somebody types, holds a modifier, or a dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const clock = useClock();
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    let first: { key: string; at: number } | undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]')) return;
      const pair = first !== undefined && clock.mono() - first.at <= pairWithin ? `${first.key} ${event.key}` : undefined;
      first = undefined;
      const act = (pair === undefined ? undefined : latest.current[pair]) ?? latest.current[event.key];
      if (act) {
        event.preventDefault();
        act();
      } else if (event.key.length === 1) {
        first = { key: event.key, at: clock.mono() };
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [clock]);
}

/** Marks the field that "/" jumps to; one a page. */
export const searchFieldProps = { "data-search-field": true } as const;

export function focusSearchField(): void {
  const field = document.querySelector("[data-search-field]");
  if (field instanceof HTMLElement) field.focus();
}
