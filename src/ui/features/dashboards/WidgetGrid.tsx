import { useMediaQuery } from "@mantine/hooks";
import type { CSSProperties } from "react";
import type { Layout, Widget } from "#wire/dashboards";
import type { RangeSearch } from "#kit/range";
import { readingOrder } from "./grid.ts";
import { pixelsOf } from "./grid-pixels.ts";
import { WidgetView } from "./WidgetView.tsx";
import classes from "./WidgetGrid.module.css";

export const cellStyle = ({ x, y, width, height }: Layout): CSSProperties => ({
  gridColumn: `${x + 1} / span ${width}`,
  gridRow: `${y + 1} / span ${height}`,
});

/** Below this a grid of 24 columns cannot be read: widgets stand one below the other. */
export const useIsNarrow = (): boolean => useMediaQuery("(max-width: 61.99em)", undefined, { getInitialValueInEffect: false }) ?? false;

export interface WidgetGridProps {
  readonly widgets: readonly Widget[];
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
}

/** The widgets of a dashboard, to look at. */
export function WidgetGrid({ widgets, range, onZoom }: WidgetGridProps) {
  const isNarrow = useIsNarrow();
  // A reader of the page and the Tab key meet the widgets in the order in which they are seen.
  const ordered = readingOrder(widgets);
  return (
    <div className={isNarrow ? classes.stack : classes.grid}>
      {ordered.map((widget) => (
        <div
          key={`${widget.type} ${widget.layout.x} ${widget.layout.y}`}
          className={classes.cell}
          style={isNarrow ? { minHeight: Math.min(pixelsOf(widget.layout.height), 90) } : cellStyle(widget.layout)}
        >
          <WidgetView widget={widget} range={range} onZoom={onZoom} />
        </div>
      ))}
    </div>
  );
}
