import { VisuallyHidden } from "@mantine/core";
import { useState, type CSSProperties, type PointerEvent, type ReactNode } from "react";
import { minutes, unixMs } from "#base/duration";
import type { Plan } from "#wire/duty";
import { useNow } from "#kit/clock";
import type { Format } from "#kit/format";
import { useLanguage, useMessages } from "#kit/messages";
import { messages } from "./messages.ts";
import type { Crew } from "./people.ts";
import { columnsOf, draggedSpan, placeOf, type DayColumn, type Place, type Range } from "./timeline-model.ts";
import classes from "./Timeline.module.css";

/** A shift of the last row that somebody pressed, or a time that was dragged over it. */
export interface Picked extends Range {
  /** Who is on duty then; empty for a time that was dragged over. */
  readonly people: readonly string[];
}

export interface TimelineProps {
  readonly name: string;
  readonly plan: Plan;
  readonly crew: Crew;
  /** In the schedule's zone. */
  readonly format: Format;
  /** Absent: nothing can be overridden here. */
  readonly onPick?: ((picked: Picked) => void) | undefined;
}

const styleOf = ({ left, width }: Place): CSSProperties => ({ left: `${left}%`, width: `${width}%` });
const coloured = (colour: string): CSSProperties => ({ "--bar": colour }) as CSSProperties; // React has no type for custom properties

/** Days in columns, a row for each layer from high to low, and who is on duty in the end. */
export function Timeline({ name, plan, crew, format, onPick }: TimelineProps) {
  const m = useMessages(messages);
  const range: Range = { from: unixMs(plan.from), to: unixMs(plan.to) };
  const columns = columnsOf(plan);
  const rows = plan.layers.map((layer, index) => ({ ...layer, index })).reverse();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={m.timelineOf({ name })} tabIndex={0}>
      <div className={classes.grid}>
        <div className={classes.name} />
        <Head columns={columns} range={range} format={format} />
        {rows.map((layer) => (
          <Row key={layer.index} name={layer.name} columns={columns} range={range}>
            <ul className={classes.list} aria-label={`${m.layer}: ${layer.name}`}>
              {layer.shifts.map((shift) => (
                <li key={shift.from} style={styleOf(placeOf(shift, range))}>
                  <div className={classes.bar} style={coloured(crew.colourOf(shift.personId))} title={spanText(format, shift)}>
                    {crew.nameOf(shift.personId)}
                    <VisuallyHidden>{spanText(format, shift)}</VisuallyHidden>
                  </div>
                </li>
              ))}
            </ul>
          </Row>
        ))}
        <FinalRow plan={plan} range={range} columns={columns} crew={crew} format={format} onPick={onPick} />
      </div>
    </section>
  );
}

const spanText = (format: Format, { from, to }: { readonly from: number; readonly to: number }): string =>
  ` ${format.dateTime(unixMs(from))} – ${format.dateTime(unixMs(to))}`;

function Head({ columns, range, format }: { readonly columns: readonly DayColumn[]; readonly range: Range; readonly format: Format }) {
  const { language } = useLanguage();
  return (
    <div className={classes.head}>
      {columns.map((column) => {
        const { day } = column;
        const isNamed = columns.length <= 10;
        return (
          <div
            key={day.date}
            className={`${classes.day} ${day.isWorking ? "" : classes.off} ${day.isHoliday ? classes.holiday : ""}`}
            style={styleOf(placeOf(column, range))}
            title={day.name?.[language] ?? format.date(column.from)}
          >
            {column.number}
            <br />
            {isNamed && day.name ? day.name[language] : format.weekday(column.weekday)}
          </div>
        );
      })}
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly columns: readonly DayColumn[];
  readonly range: Range;
  readonly children: ReactNode;
}

function Row({ name, columns, range, children }: RowProps) {
  return (
    <>
      <div className={classes.name}>{name}</div>
      <div className={classes.track}>
        <Shade columns={columns} range={range} />
        {children}
      </div>
    </>
  );
}

function Shade({ columns, range }: Pick<RowProps, "columns" | "range">) {
  return columns.map((column) => (
    <div
      key={column.day.date}
      aria-hidden
      className={`${classes.day} ${column.day.isWorking ? "" : classes.off}`}
      style={styleOf(placeOf(column, range))}
    />
  ));
}

interface FinalRowProps extends Omit<TimelineProps, "name"> {
  readonly range: Range;
  readonly columns: readonly DayColumn[];
}

function FinalRow({ plan, range, columns, crew, format, onPick }: FinalRowProps) {
  const m = useMessages(messages);
  const now = useNow(minutes(1));
  const drag = useDrag(range, plan.timeZone, onPick);
  return (
    <>
      <div className={`${classes.name} ${classes.final}`}>{m.inTheEnd}</div>
      <div className={`${classes.track} ${classes.final}`} {...drag.handlers}>
        <Shade columns={columns} range={range} />
        <ul className={classes.list} aria-label={m.inTheEnd}>
          {plan.shifts.map((shift) => (
            <li key={shift.from} style={styleOf(placeOf(shift, range))}>
              <FinalBar shift={shift} crew={crew} format={format} onPick={onPick} hasMoved={drag.hasMoved} />
            </li>
          ))}
          {plan.gaps.map((gap) => (
            <li key={`gap${gap.from}`} style={styleOf(placeOf(gap, range))}>
              <div className={classes.gap} title={`${m.gap}${spanText(format, gap)}`}>
                <span>{m.gap}</span>
                <VisuallyHidden>{spanText(format, gap)}</VisuallyHidden>
              </div>
            </li>
          ))}
        </ul>
        {now > range.from && now < range.to && (
          <div className={classes.now} style={{ left: `${placeOf({ from: range.from, to: now }, range).width}%` }} />
        )}
        {drag.place && <div className={classes.drag} style={styleOf(drag.place)} />}
      </div>
    </>
  );
}

interface FinalBarProps extends Pick<TimelineProps, "crew" | "format" | "onPick"> {
  readonly shift: Plan["shifts"][number];
  readonly hasMoved: boolean;
}

function FinalBar({ shift, crew, format, onPick, hasMoved }: FinalBarProps) {
  const m = useMessages(messages);
  const names = shift.people.map(crew.nameOf).join(", ");
  const text = m.shiftText({ names, from: format.dateTime(unixMs(shift.from)), to: format.dateTime(unixMs(shift.to)) });
  const look = {
    className: `${classes.bar} ${shift.overrideIds.length > 0 ? classes.overridden : ""}`,
    style: coloured(crew.colourOf(shift.people[0] ?? "")),
    title: text,
  };
  if (!onPick) {
    return (
      <div {...look}>
        {names}
        <VisuallyHidden>{spanText(format, shift)}</VisuallyHidden>
      </div>
    );
  }
  const pick = (): void => {
    if (!hasMoved) onPick({ from: unixMs(shift.from), to: unixMs(shift.to), people: shift.people });
  };
  return (
    <button type="button" {...look} aria-label={m.overrideThis({ text })} onClick={pick}>
      {names}
    </button>
  );
}

/** Pixels that a pointer may move and still mean a press. */
const pressed = 6;

interface Drag {
  /** Where the pointer went down; undefined while it is up. */
  readonly start: { readonly x: number; readonly fraction: number } | undefined;
  readonly fraction: number;
  /** Whether it moved since it went down: then what follows is no press. */
  readonly hasMoved: boolean;
}

const fractionOf = (event: PointerEvent<HTMLDivElement>): number => {
  const box = event.currentTarget.getBoundingClientRect();
  return (event.clientX - box.left) / box.width;
};

/** Dragging with the mouse or a pen; fingers scroll. The keyboard has the button above the calendar and the shifts themselves. */
function useDrag(range: Range, timeZone: string, onPick: TimelineProps["onPick"]) {
  const [drag, setDrag] = useState<Drag>({ start: undefined, fraction: 0, hasMoved: false });
  const spanTo = (fraction: number): Range => draggedSpan(drag.start?.fraction ?? 0, fraction, range, timeZone);
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      const isStart = event.button === 0 && event.pointerType !== "touch";
      const fraction = fractionOf(event);
      setDrag({ start: isStart ? { x: event.clientX, fraction } : undefined, fraction, hasMoved: false });
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      if (!drag.start || (!drag.hasMoved && Math.abs(event.clientX - drag.start.x) < pressed)) return;
      if (!drag.hasMoved) event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ ...drag, fraction: fractionOf(event), hasMoved: true });
    },
    onPointerUp: (event: PointerEvent<HTMLDivElement>) => {
      if (drag.start && drag.hasMoved) onPick?.({ ...spanTo(fractionOf(event)), people: [] });
      setDrag({ ...drag, start: undefined });
    },
    onPointerCancel: () => setDrag({ ...drag, start: undefined }),
  };
  return {
    handlers: onPick ? handlers : {},
    hasMoved: drag.hasMoved,
    place: drag.start && drag.hasMoved ? placeOf(spanTo(drag.fraction), range) : undefined,
  };
}
