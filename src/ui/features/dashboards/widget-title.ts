import type { Widget } from "#wire/dashboards";
import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";

/** What a widget is called: its title, else what it shows, else its kind. */
export function useWidgetTitle(): (widget: Widget) => string {
  const m = useMessages(messages);
  return (widget) => widget.title || shownName(widget) || m.untitled({ type: m[widget.type] });
}

function shownName(widget: Widget): string {
  if (widget.type === "markdown") return "";
  if (widget.type === "alertStatus") return widget.roleFullname ?? "";
  const target = widget.type === "graph" ? widget.graph : widget.metric;
  if (target.type === "expression") return target.expression.slice(0, 60);
  if (target.type === "query") return target.query.slice(0, 60);
  return target.type === "unknown" ? "" : target.name;
}
