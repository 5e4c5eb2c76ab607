import { gridColumns, widgetSizes, type Layout, type WidgetType } from "#wire/dashboards";

/** Something on the grid: what a widget is to this module. */
export interface Placed {
  readonly type: WidgetType;
  readonly layout: Layout;
}

const overlap = (a: Layout, b: Layout): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value)));

/** The layout nearest to the wanted one that a widget of the type may have. */
export function allowed(type: WidgetType, { x, y, width, height }: Layout): Layout {
  const { least, most } = widgetSizes[type];
  const wide = clamp(width, least.width, most.width);
  return {
    x: clamp(x, 0, gridColumns - wide),
    y: Math.max(0, Math.round(y)),
    width: wide,
    height: clamp(height, least.height, most.height),
  };
}

/** The same, with its left edge where it is: a widget that is made wider stops at the right edge instead of moving. */
export function allowedFrom(type: WidgetType, layout: Layout): Layout {
  return allowed(type, { ...layout, width: Math.min(layout.width, gridColumns - layout.x) });
}

/**
 * Puts one widget where it is wanted. It gets its place; whatever lies there, and what that pushes away, moves down as far as it must.
 * What is not in the way stays. Nothing overlaps afterwards.
 */
export function place<T extends Placed>(items: readonly T[], index: number, wanted: Layout): T[] {
  const moved = items[index];
  if (!moved) return [...items];
  const settled: Layout[] = [wanted];
  const layouts = new Map<number, Layout>([[index, wanted]]);
  const others = items
    .map((item, at) => ({ at, layout: item.layout }))
    .filter(({ at }) => at !== index)
    .toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);
  for (const { at, layout } of others) {
    const free = lowered(layout, settled);
    settled.push(free);
    layouts.set(at, free);
  }
  return items.map((item, at) => {
    const layout = layouts.get(at) ?? item.layout;
    return layout === item.layout ? item : { ...item, layout };
  });
}

/** The layout, moved down until it is free of all others. */
function lowered(layout: Layout, others: readonly Layout[]): Layout {
  let at = layout;
  for (;;) {
    const here = at;
    const below = others.filter((other) => overlap(here, other)).map((other) => other.y + other.height);
    if (below.length === 0) return at;
    at = { ...at, y: Math.max(...below) };
  }
}

/** Rows that are in use. */
export const rowsOf = (items: readonly Placed[]): number => Math.max(0, ...items.map(({ layout }) => layout.y + layout.height));

/** The first place, from the top and the left, where something of this size fits. */
export function firstFree(items: readonly Placed[], { width, height }: { readonly width: number; readonly height: number }): Layout {
  for (let y = 0; ; y += 1) {
    for (let x = 0; x + width <= gridColumns; x += 1) {
      const layout = { x, y, width, height };
      if (!items.some((item) => overlap(layout, item.layout))) return layout;
    }
  }
}

/** From the top, then from the left: the order in which a narrow screen shows them. */
export const readingOrder = <T extends Placed>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => a.layout.y - b.layout.y || a.layout.x - b.layout.x);

/** What a key does to a widget: arrows move it, with Shift they change its size. Undefined: not our key. */
export function keyedLayout(type: WidgetType, layout: Layout, key: string, isResizing: boolean): Layout | undefined {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [];
  if (dx === undefined || dy === undefined) return undefined;
  return isResizing
    ? allowedFrom(type, { ...layout, width: layout.width + dx, height: layout.height + dy })
    : allowed(type, { ...layout, x: layout.x + dx, y: layout.y + dy });
}
