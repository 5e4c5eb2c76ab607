import type { Widget } from "#wire/dashboards";

/** A widget being edited. The API knows no ids of widgets; the key lives as long as the page. */
export type DraftWidget = Widget & { readonly key: number };

/** What is being edited, with what it was before each change. */
export interface Draft {
  readonly past: readonly (readonly DraftWidget[])[];
  readonly widgets: readonly DraftWidget[];
  readonly future: readonly (readonly DraftWidget[])[];
}

const mostSteps = 100;

export const draftOf = (widgets: readonly Widget[]): Draft => ({
  past: [],
  widgets: widgets.map((widget, key) => ({ ...widget, key })),
  future: [],
});

/** One change. The same again is none. */
export function changed(draft: Draft, widgets: readonly DraftWidget[]): Draft {
  if (JSON.stringify(widgets) === JSON.stringify(draft.widgets)) return draft;
  return { past: [...draft.past, draft.widgets].slice(-mostSteps), widgets, future: [] };
}

export function undone(draft: Draft): Draft {
  const before = draft.past.at(-1);
  return before ? { past: draft.past.slice(0, -1), widgets: before, future: [draft.widgets, ...draft.future] } : draft;
}

export function redone(draft: Draft): Draft {
  const [next, ...future] = draft.future;
  return next ? { past: [...draft.past, draft.widgets], widgets: next, future } : draft;
}

/** A key that no widget has or had, so that undoing never mixes two up. */
export const nextKey = (draft: Draft): number =>
  1 + Math.max(-1, ...[draft.widgets, ...draft.past, ...draft.future].flatMap((widgets) => widgets.map((widget) => widget.key)));

/** The widgets as the API takes them. */
export const widgetsOf = (draft: Draft): Widget[] => draft.widgets.map(({ key: _key, ...widget }) => widget);
