import { Text } from "@mantine/core";
import type { Widget } from "#wire/dashboards";
import { useMessages } from "#kit/messages";
import type { RangeSearch } from "#kit/range";
import { GraphWidgetView } from "./GraphWidgetView.tsx";
import { Markdown } from "./Markdown.tsx";
import { messages } from "./messages.ts";
import { RoleState } from "./RoleState.tsx";
import { ValueWidgetView } from "./ValueWidgetView.tsx";
import { TitledCard, WidgetNote } from "./WidgetCard.tsx";
import { graphHeight } from "./grid-pixels.ts";
import { useWidgetTitle } from "./widget-title.ts";

export interface WidgetViewProps {
  readonly widget: Widget;
  readonly range: RangeSearch;
  readonly onZoom: (range: RangeSearch) => void;
}

/** What a widget shows. */
export function WidgetView({ widget, range, onZoom }: WidgetViewProps) {
  const m = useMessages(messages);
  const title = useWidgetTitle()(widget);
  switch (widget.type) {
    case "graph":
      return <GraphWidgetView widget={widget} title={title} range={range} onZoom={onZoom} height={graphHeight(widget.layout.height)} />;
    case "value":
      return <ValueWidgetView widget={widget} title={title} />;
    case "markdown":
      return (
        <TitledCard title={title}>
          {widget.markdown.trim() === "" ? (
            <Text size="sm" c="dimmed">
              {m.noText}
            </Text>
          ) : (
            <Markdown source={widget.markdown} />
          )}
        </TitledCard>
      );
    case "alertStatus":
      return widget.roleFullname === null ? (
        <WidgetNote title={title} text={m.roleGone} />
      ) : (
        <RoleState title={title} fullname={widget.roleFullname} />
      );
  }
}
