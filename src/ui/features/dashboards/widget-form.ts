import {
  dashboardLimits,
  type GraphTarget,
  type GraphWidget,
  type Layout,
  type MetricTarget,
  type ValueWidget,
  type Widget,
  type WidgetType,
} from "#wire/dashboards";

export type TargetKind = (GraphTarget | MetricTarget)["type"];

/** A widget as a form holds it: texts, and empty ones for what is not set. */
export interface WidgetValues {
  readonly title: string;
  readonly kind: TargetKind;
  readonly hostId: string;
  readonly service: string;
  /** `service:role`, spelled as it was. */
  readonly role: string;
  readonly name: string;
  readonly expression: string;
  readonly legend: string;
  readonly stacking: "" | "stack" | "lines";
  /** `page`, `keep`, or seconds. */
  readonly range: string;
  readonly min: string;
  readonly max: string;
  readonly lineLabel: string;
  readonly lineValue: string;
  readonly digits: string;
  readonly suffix: string;
  readonly rule: "" | ">" | "<";
  readonly threshold: string;
  readonly ruleName: string;
  readonly markdown: string;
}

const empty: WidgetValues = {
  title: "",
  kind: "host",
  hostId: "",
  service: "",
  role: "",
  name: "",
  expression: "",
  legend: "",
  stacking: "",
  range: "page",
  min: "",
  max: "",
  lineLabel: "",
  lineValue: "",
  digits: "2",
  suffix: "",
  rule: "",
  threshold: "",
  ruleName: "",
  markdown: "",
};

const textOf = (value: number | null | undefined): string => (value === undefined || value === null ? "" : String(value));

/** What the form begins with. */
export function valuesOf(widget: Widget | undefined): WidgetValues {
  if (!widget) return empty;
  const { title } = widget;
  switch (widget.type) {
    case "markdown":
      return { ...empty, title, markdown: widget.markdown };
    case "alertStatus":
      return { ...empty, title, kind: "role", role: widget.roleFullname ?? "" };
    case "graph":
      return { ...empty, title, ...targetValues(widget.graph), ...graphValues(widget) };
    case "value":
      return { ...empty, title, ...targetValues(widget.metric), ...valueValues(widget) };
  }
}

function targetValues(target: GraphTarget | MetricTarget): Partial<WidgetValues> {
  const kind = target.type;
  switch (target.type) {
    case "host":
      return { kind, hostId: target.hostId, name: target.name };
    case "service":
      return { kind, service: target.serviceName, name: target.name };
    case "role":
      return {
        kind,
        role: target.roleFullname,
        name: target.name,
        stacking: target.isStacked === undefined ? "" : target.isStacked ? "stack" : "lines",
      };
    case "expression":
      return { kind, expression: target.expression };
    case "query":
      return { kind, expression: target.query, legend: target.legend };
    case "unknown":
      return { kind: "host" };
  }
}

function graphValues({ range, valueRange, referenceLines }: GraphWidget): Partial<WidgetValues> {
  const [line] = referenceLines ?? [];
  const isLast = range?.type === "relative" && range.offset === 0 && ownPeriods.includes(range.period);
  return {
    range: range === undefined ? "page" : isLast ? String(range.period) : "keep",
    min: textOf(valueRange?.min),
    max: textOf(valueRange?.max),
    lineLabel: line?.label ?? "",
    lineValue: textOf(line?.value),
  };
}

function valueValues({ fractionSize, suffix, formatRules }: ValueWidget): Partial<WidgetValues> {
  const [rule] = formatRules ?? [];
  return {
    digits: String(fractionSize ?? 2),
    suffix: suffix ?? "",
    rule: rule?.operator ?? "",
    threshold: textOf(rule?.threshold),
    ruleName: rule?.name ?? "",
  };
}

/** Ranges that a widget may keep for itself, in seconds. */
export const ownPeriods: readonly number[] = [3600, 21_600, 86_400, 604_800, 2_592_000];

/** The widget that the values mean. What the form does not show of the old one stays: a fixed range, a list of metrics. */
export function widgetFrom(type: WidgetType, values: WidgetValues, layout: Layout, before: Widget | undefined): Widget {
  const title = values.title.trim();
  switch (type) {
    case "markdown":
      return { type, title, markdown: values.markdown, layout };
    case "alertStatus":
      return { type, title, roleFullname: values.role === "" ? null : values.role, layout };
    case "graph":
      return graphFrom(values, { title, layout }, before?.type === "graph" ? before : undefined);
    case "value":
      return valueFrom(values, { title, layout });
  }
}

interface Base {
  readonly title: string;
  readonly layout: Layout;
}

function graphFrom(values: WidgetValues, base: Base, before: GraphWidget | undefined): GraphWidget {
  const { lineLabel, lineValue } = values;
  const graph = graphTarget(values);
  const isSame = before !== undefined && JSON.stringify(before.graph) === JSON.stringify(graph);
  const range = values.range === "keep" ? before?.range : values.range === "page" ? undefined : lastSeconds(Number(values.range));
  return {
    type: "graph",
    ...base,
    graph,
    ...(range ? { range } : {}),
    ...boundsFrom(values),
    ...(isSame && before.legendList ? { legendList: before.legendList } : {}),
    referenceLines: lineLabel.trim() === "" ? [] : [{ label: lineLabel.trim(), value: Number(lineValue) }],
  };
}

function boundsFrom({ min, max }: WidgetValues): Pick<GraphWidget, "valueRange"> {
  if (min === "" && max === "") return {};
  return { valueRange: { ...(min === "" ? {} : { min: Number(min) }), ...(max === "" ? {} : { max: Number(max) }) } };
}

const lastSeconds = (period: number): GraphWidget["range"] => ({ type: "relative", period, offset: 0 });

function graphTarget(values: WidgetValues): GraphTarget {
  if (values.kind !== "role") return metricTarget(values);
  const stacked = values.stacking === "" ? {} : { isStacked: values.stacking === "stack" };
  return { type: "role", roleFullname: values.role, name: values.name, ...stacked };
}

function metricTarget({ kind, hostId, service, name, expression, legend }: WidgetValues): MetricTarget {
  switch (kind) {
    case "host":
      return { type: "host", hostId, name };
    case "service":
      return { type: "service", serviceName: service, name };
    case "expression":
      return { type: "expression", expression };
    case "query":
      return { type: "query", query: expression, legend };
    case "role":
    case "unknown":
      return { type: "unknown" };
  }
}

function valueFrom(values: WidgetValues, base: Base): ValueWidget {
  const { suffix, rule, threshold, ruleName, digits } = values;
  return {
    type: "value",
    ...base,
    metric: metricTarget(values),
    fractionSize: Number(digits),
    ...(suffix === "" ? {} : { suffix }),
    formatRules:
      rule === "" ? [] : [{ ...(ruleName.trim() === "" ? {} : { name: ruleName.trim() }), threshold: Number(threshold), operator: rule }],
  };
}

export interface FormTexts {
  readonly needsNumber: string;
  readonly needsChoice: string;
  readonly needsPositive: string;
  readonly wrongBounds: string;
  readonly tooLong: (most: number) => string;
}

type Errors = Partial<Record<keyof WidgetValues, string>>;

const isNumber = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** What is wrong with the values, by field. */
export function problemsOf(type: WidgetType, values: WidgetValues, texts: FormTexts): Errors {
  const errors: Errors = { ...tooLong(values, texts) };
  if (type === "markdown") return errors;
  if (type === "alertStatus") return values.role === "" ? { ...errors, role: texts.needsChoice } : errors;
  Object.assign(errors, targetProblems(values, texts));
  return { ...errors, ...(type === "graph" ? graphProblems(values, texts) : valueProblems(values, texts)) };
}

function tooLong(values: WidgetValues, { tooLong: say }: FormTexts): Errors {
  const most = {
    title: dashboardLimits.widgetTitle,
    markdown: dashboardLimits.markdown,
    expression: dashboardLimits.expression,
    lineLabel: dashboardLimits.referenceLabel,
    suffix: dashboardLimits.suffix,
    ruleName: dashboardLimits.ruleName,
  } as const;
  const errors: Errors = {};
  if (values.title.length > most.title) errors.title = say(most.title);
  if (values.markdown.length > most.markdown) errors.markdown = say(most.markdown);
  if (values.expression.length > most.expression) errors.expression = say(most.expression);
  if (values.lineLabel.length > most.lineLabel) errors.lineLabel = say(most.lineLabel);
  if (values.suffix.length > most.suffix) errors.suffix = say(most.suffix);
  if (values.ruleName.length > most.ruleName) errors.ruleName = say(most.ruleName);
  return errors;
}

function targetProblems({ kind, hostId, service, role, name, expression }: WidgetValues, { needsChoice }: FormTexts): Errors {
  if (kind === "expression" || kind === "query") return expression.trim() === "" ? { expression: needsChoice } : {};
  const owner = { host: hostId, service, role, unknown: "" }[kind];
  const field = kind === "host" ? "hostId" : kind === "service" ? "service" : "role";
  return { ...(owner === "" ? { [field]: needsChoice } : {}), ...(name === "" ? { name: needsChoice } : {}) };
}

function graphProblems({ min, max, lineLabel, lineValue }: WidgetValues, texts: FormTexts): Errors {
  const errors: Errors = {};
  if (min !== "" && !isNumber(min)) errors.min = texts.needsNumber;
  if (max !== "" && !isNumber(max)) errors.max = texts.needsNumber;
  if (isNumber(min) && isNumber(max) && Number(min) >= Number(max)) errors.max = texts.wrongBounds;
  if (lineLabel.trim() !== "" && !isNumber(lineValue)) errors.lineValue = texts.needsNumber;
  else if (lineLabel.trim() !== "" && Number(lineValue) < 0) errors.lineValue = texts.needsPositive;
  return errors;
}

const valueProblems = ({ rule, threshold }: WidgetValues, { needsNumber }: FormTexts): Errors =>
  rule !== "" && !isNumber(threshold) ? { threshold: needsNumber } : {};
