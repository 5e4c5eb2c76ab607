import { UnstyledButton } from "@mantine/core";
import { useImperativeHandle, useRef, type Ref } from "react";
import { paletteIndices } from "#base/chart/palette";
import type { Format, Unit } from "#kit/format";
import { kitMessages } from "#kit/kit-messages";
import { useMessages } from "#kit/messages";
import { cssColour } from "./colours.ts";
import { latestOf, type DrawnData } from "./model.ts";
import classes from "./TimeChart.module.css";

export interface LegendHandle {
  /** Shows the values at a point; undefined shows the latest ones again. */
  readonly showAt: (index: number | undefined) => void;
}

export interface ChartLegendProps {
  readonly title: string;
  readonly data: DrawnData;
  readonly unit: Unit;
  readonly format: Format;
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (key: string, isAlone: boolean) => void;
  readonly ref: Ref<LegendHandle>;
}

/** Legends longer than this keep showing the latest values: to lay them out anew at each move of the mouse would make it stumble. */
const mostFollowed = 24;

/** The series of a graph as buttons: swatch, name and value. A press hides or shows one, with Shift it stands alone. */
export function ChartLegend({ title, data, unit, format, hidden, onToggle, ref }: ChartLegendProps) {
  const m = useMessages(kitMessages);
  const values = useRef(new Map<string, HTMLElement>());
  const palette = paletteIndices(data.series);
  const text = (value: number | null | undefined): string => (typeof value === "number" ? format.value(value, unit) : "–");
  useImperativeHandle(ref, () => ({
    // Written past React: the mouse moves more often than a page of graphs can be rendered.
    showAt(index) {
      if (data.series.length > mostFollowed) return;
      for (const one of data.series) {
        const element = values.current.get(one.key);
        if (element) element.textContent = text(index === undefined ? latestOf(one.values) : one.held[index]);
      }
    },
  }));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long legend scrolls, so the keyboard must reach it
    <ul className={classes.legend} aria-label={m.legendOf({ title })} tabIndex={data.series.length > 24 ? 0 : undefined}>
      {data.series.map((one, at) => (
        <li key={one.key}>
          <UnstyledButton
            className={classes.legendItem}
            aria-pressed={!hidden.has(one.key)}
            onClick={(event) => onToggle(one.key, event.shiftKey)}
            title={one.label}
          >
            <span className={classes.swatch} style={{ background: cssColour(palette[at] ?? 0) }} aria-hidden />
            <span className={classes.legendLabel}>{one.label}</span>
            <span
              className={classes.legendValue}
              ref={(element) => {
                if (element) values.current.set(one.key, element);
                else values.current.delete(one.key);
              }}
            >
              {text(latestOf(one.values))}
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
