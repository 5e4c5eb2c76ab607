import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { IconArrowsMove, IconCopy, IconPencil, IconTrash } from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Layout } from "#wire/dashboards";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import type { DraftWidget } from "./draft.ts";
import { cellsOf } from "./grid-pixels.ts";
import { allowed, allowedFrom, keyedLayout, place } from "./grid.ts";
import { messages } from "./messages.ts";
import { useWidgetTitle } from "./widget-title.ts";
import { cellStyle } from "./WidgetGrid.tsx";
import { WidgetView } from "./WidgetView.tsx";
import classes from "./WidgetGrid.module.css";

export interface EditGridProps {
  readonly widgets: readonly DraftWidget[];
  readonly range: RangeSearch;
  /** One step that can be undone. */
  readonly onChange: (widgets: readonly DraftWidget[]) => void;
  readonly onEdit: (widget: DraftWidget) => void;
  readonly onCopy: (widget: DraftWidget) => void;
}

/** What the pointer holds, and where it took it. */
interface Held {
  readonly key: number;
  readonly isResizing: boolean;
  readonly startX: number;
  readonly startY: number;
  readonly preview: readonly DraftWidget[];
}

const nothing = (): void => undefined;

/** The widgets of a dashboard, to be moved about: by the pointer, or by arrow keys on a widget's move button. */
export function EditGrid({ widgets, range, onChange, onEdit, onCopy }: EditGridProps) {
  const m = useMessages(messages);
  const titleOf = useWidgetTitle();
  const frame = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held>();
  const [said, setSaid] = useState("");
  const shown = held?.preview ?? widgets;

  const put = (key: number, layout: Layout): readonly DraftWidget[] =>
    place(
      widgets,
      widgets.findIndex((one) => one.key === key),
      layout,
    );
  const say = ({ x, y, width, height }: Layout): void => setSaid(m.place({ x: x + 1, y: y + 1, width, height }));

  const grab = (event: PointerEvent, { key }: DraftWidget, isResizing: boolean): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setHeld({ key, isResizing, startX: event.clientX, startY: event.clientY, preview: widgets });
  };
  const drag = (event: PointerEvent, { type, layout, key }: DraftWidget): void => {
    if (held?.key !== key) return;
    const { columns, rows } = cellsOf(event.clientX - held.startX, event.clientY - held.startY, frame.current?.clientWidth ?? 0);
    const wanted = held.isResizing
      ? allowedFrom(type, { ...layout, width: layout.width + columns, height: layout.height + rows })
      : allowed(type, { ...layout, x: layout.x + columns, y: layout.y + rows });
    setHeld({ ...held, preview: put(key, wanted) });
  };
  const drop = (): void => {
    if (held) onChange(held.preview);
    setHeld(undefined);
  };
  const onKey = (event: KeyboardEvent, { type, layout, key }: DraftWidget): void => {
    if (event.key === "Escape" && held) setHeld(undefined);
    const wanted = keyedLayout(type, layout, event.key, event.shiftKey);
    if (!wanted || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onChange(put(key, wanted));
    say(wanted);
  };

  return (
    <>
      <div className={classes.editFrame}>
        <div ref={frame} className={`${classes.grid} ${classes.editing}`}>
          {widgets.map((widget) => {
            const at = shown.find((one) => one.key === widget.key)?.layout ?? widget.layout;
            const title = titleOf(widget);
            const hold = (isResizing: boolean) => ({
              onPointerDown: (event: PointerEvent) => grab(event, widget, isResizing),
              onPointerMove: (event: PointerEvent) => drag(event, widget),
              onPointerUp: drop,
              onPointerCancel: () => setHeld(undefined),
            });
            return (
              <div key={widget.key} className={classes.cell} style={cellStyle(at)} role="group" aria-label={title}>
                <div inert className={classes.fit}>
                  <WidgetView widget={{ ...widget, layout: at }} range={range} onZoom={nothing} />
                </div>
                <div className={`${classes.handle} ${held?.key === widget.key ? classes.held : ""}`} {...hold(false)} />
                <div className={`${classes.tools} ${classes.above}`}>
                  <ActionIcon
                    variant="subtle"
                    size="md"
                    aria-label={m.move({ title })}
                    title={m.help}
                    onKeyDown={(event) => onKey(event, widget)}
                    {...hold(false)}
                  >
                    <IconArrowsMove aria-hidden size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    size="md"
                    aria-label={m.change({ title })}
                    title={m.change({ title })}
                    onClick={() => onEdit(widget)}
                  >
                    <IconPencil aria-hidden size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    size="md"
                    aria-label={m.copy({ title })}
                    title={m.copy({ title })}
                    onClick={() => onCopy(widget)}
                  >
                    <IconCopy aria-hidden size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    size="md"
                    aria-label={m.remove({ title })}
                    title={m.remove({ title })}
                    onClick={() => onChange(widgets.filter((one) => one.key !== widget.key))}
                  >
                    <IconTrash aria-hidden size={16} />
                  </ActionIcon>
                </div>
                <div className={`${classes.corner} ${classes.above}`} title={m.resize({ title })} {...hold(true)} />
              </div>
            );
          })}
        </div>
      </div>
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
    </>
  );
}
