import {
  dashboardLimits as limits,
  gridColumns,
  widgetSizes,
  widgetTypes,
  type AlertStatusWidget,
  type GraphTarget,
  type GraphWidget,
  type Layout,
  type MetricTarget,
  type ValueWidget,
  type Widget,
  type WidgetRange,
  type WidgetType,
} from "#wire/dashboards";
import { optional, type Fields } from "#base/fields";
import { isRoleFullname } from "./model.ts";

const mostSeconds = 4_294_967_295;
const serviceName = { least: 2, most: 63 };
const metricName = { least: 1, most: limits.metricName };
const hostId = { least: 1, most: 64 };

/** One widget; undefined when so much is wrong with it that nothing can be made of it. Every problem is told. */
export function widgetOf(fields: Fields): Widget | undefined {
  const type = fields.choice("type", widgetTypes);
  if (type === undefined) return undefined;
  const title = fields.text("title", { most: limits.widgetTitle }) ?? "";
  const layout = layoutOf(fields, type);
  if (!layout) return undefined;
  switch (type) {
    case "graph":
      return graphWidgetOf(fields, { title, layout });
    case "value":
      return valueWidgetOf(fields, { title, layout });
    case "markdown":
      return { type, title, markdown: fields.needed("markdown", { most: limits.markdown }), layout };
    case "alertStatus":
      return alertStatusOf(fields, { title, layout });
  }
}

interface Placed {
  readonly title: string;
  readonly layout: Layout;
}

function layoutOf(fields: Fields, type: WidgetType): Layout | undefined {
  const at = fields.object("layout");
  if (!at) return fields.get("layout") === undefined ? fields.problem("layout", "must be given") : undefined;
  const { least, most } = widgetSizes[type];
  const layout = {
    x: at.neededInteger("x", 0, gridColumns - least.width),
    y: at.neededInteger("y", 0, limits.row),
    width: at.neededInteger("width", least.width, most.width),
    height: at.neededInteger("height", least.height, most.height),
  };
  if (layout.x + layout.width > gridColumns) at.problem("width", `reaches beyond the ${gridColumns} columns of the grid`);
  return layout;
}

function graphWidgetOf(fields: Fields, { title, layout }: Placed): GraphWidget {
  const at = fields.object("graph");
  if (fields.get("graph") === undefined) fields.problem("graph", "must be given");
  const graph = (at && graphTargetOf(at)) ?? { type: "unknown" };
  const legendList = fields.texts("legendList", limits.legendList, metricName);
  if (legendList && legendList.length > 0 && graph.type !== "host" && graph.type !== "service" && graph.type !== "unknown")
    fields.problem("legendList", "is for graphs of hosts and services");
  const range = rangeOf(fields);
  const values = fields.object("valueRange");
  return {
    type: "graph",
    title,
    graph,
    ...optional("range", range),
    ...optional("valueRange", values && valueRangeOf(values)),
    ...optional("legendList", legendList),
    referenceLines:
      fields.objects("referenceLines", 1, (line) => ({
        label: line.needed("label", { least: 1, most: limits.referenceLabel }),
        value: neededNumber(line, "value", 0),
      })) ?? [],
    layout,
  };
}

function valueRangeOf(fields: Fields): NonNullable<GraphWidget["valueRange"]> {
  const [min, max] = [fields.number("min"), fields.number("max")];
  if (min !== undefined && max !== undefined && min >= max) fields.problem("max", "must be larger than min");
  return { ...optional("min", min), ...optional("max", max) };
}

function neededNumber(fields: Fields, key: string, least?: number): number {
  if (fields.get(key) === undefined) fields.problem(key, "must be given");
  return fields.number(key, least) ?? 0;
}

function valueWidgetOf(fields: Fields, { title, layout }: Placed): ValueWidget {
  const at = fields.object("metric");
  if (fields.get("metric") === undefined) fields.problem("metric", "must be given");
  return {
    type: "value",
    title,
    metric: (at && metricTargetOf(at)) ?? { type: "unknown" },
    ...optional("fractionSize", fields.integer("fractionSize", 0, limits.fractionSize)),
    ...optional("suffix", fields.text("suffix", { most: limits.suffix })),
    formatRules:
      fields.objects("formatRules", 1, (rule) => ({
        ...optional("name", rule.text("name", { most: limits.ruleName })),
        threshold: neededNumber(rule, "threshold"),
        operator: rule.choice("operator", [">", "<"]) ?? ">",
      })) ?? [],
    layout,
  };
}

/** Null, and what Mackerel's client makes of it, nothing: the role is gone. */
function alertStatusOf(fields: Fields, { title, layout }: Placed): AlertStatusWidget {
  const isGone = fields.get("roleFullname") === undefined || fields.get("roleFullname") === "";
  return { type: "alertStatus", title, roleFullname: isGone ? null : roleOf(fields), layout };
}

/** As it was written, with or without a space. */
function roleOf(fields: Fields): string {
  const text = fields.needed("roleFullname", { most: 200 });
  if (!isRoleFullname(text)) fields.problem("roleFullname", "must look like service:role");
  return text;
}

const metricTypes = ["host", "service", "expression", "query", "unknown"] as const;

function metricTargetOf(fields: Fields): MetricTarget | undefined {
  const type = fields.choice("type", metricTypes);
  switch (type) {
    case undefined:
      return undefined;
    case "host":
      return { type, hostId: fields.needed("hostId", hostId), name: fields.needed("name", metricName) };
    case "service":
      return { type, serviceName: fields.needed("serviceName", serviceName), name: fields.needed("name", metricName) };
    case "expression":
      return { type, expression: fields.needed("expression", { least: 1, most: limits.expression }) };
    case "query":
      return {
        type,
        query: fields.needed("query", { least: 1, most: limits.expression }),
        legend: fields.text("legend", { most: limits.legend }) ?? "",
      };
    case "unknown":
      return { type };
  }
}

function graphTargetOf(fields: Fields): GraphTarget | undefined {
  if (fields.get("type") !== "role") {
    const type = fields.choice("type", ["host", "role", ...metricTypes.slice(1)]);
    return type === undefined ? undefined : metricTargetOf(fields);
  }
  return {
    type: "role",
    roleFullname: roleOf(fields),
    name: fields.needed("name", metricName),
    ...optional("isStacked", fields.boolean("isStacked")),
  };
}

function rangeOf(widget: Fields): WidgetRange | undefined {
  const fields = widget.object("range");
  const type = fields?.choice("type", ["absolute", "relative"] as const);
  if (!fields || type === undefined) return undefined;
  if (type === "relative") {
    return {
      type,
      period: fields.neededInteger("period", 1, mostSeconds),
      offset: fields.integer("offset", -mostSeconds, mostSeconds) ?? 0,
    };
  }
  const start = fields.neededInteger("start", 0, mostSeconds);
  const end = fields.neededInteger("end", 0, mostSeconds);
  if (end <= start) fields.problem("end", "must be later than start");
  return { type, start, end };
}
