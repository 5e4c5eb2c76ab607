import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixMsNumber, UnixSecondsNumber } from "./shapes.ts";

/** Columns of a dashboard's grid. Rows grow downwards without end. */
export const gridColumns = 24;

/** Widgets have the keys and limits of Mackerel's, so that both interfaces and every file that people keep mean the same. */
export const widgetTypes = ["graph", "value", "markdown", "alertStatus"] as const;
export type WidgetType = (typeof widgetTypes)[number];

interface SizeLimits {
  readonly least: { readonly width: number; readonly height: number };
  readonly most: { readonly width: number; readonly height: number };
}

/** Smallest and largest size of each widget, in columns and rows. */
export const widgetSizes: Readonly<Record<WidgetType, SizeLimits>> = {
  graph: { least: { width: 6, height: 6 }, most: { width: gridColumns, height: 32 } },
  value: { least: { width: 4, height: 4 }, most: { width: gridColumns, height: 32 } },
  markdown: { least: { width: 4, height: 2 }, most: { width: gridColumns, height: 80 } },
  alertStatus: { least: { width: 4, height: 3 }, most: { width: gridColumns, height: 32 } },
};

/** Lengths in characters, and numbers of entries. */
export const dashboardLimits = {
  title: 255,
  memo: 10_000,
  urlPath: 255,
  widgets: 500,
  widgetTitle: 255,
  markdown: 65_536,
  metricName: 255,
  expression: 10_000,
  legend: 1000,
  legendList: 500,
  referenceLabel: 32,
  suffix: 16,
  ruleName: 32,
  fractionSize: 16,
  /** The last row that a widget may begin in. */
  row: 100_000,
} as const;

export const urlPathPattern = "^([A-Za-z0-9_][-A-Za-z0-9_]*)(/[A-Za-z0-9_][-A-Za-z0-9_]*)*$";

const whole = (least: number, most: number) => Type.Integer({ minimum: least, maximum: most });

export const Layout = Type.Object({
  x: whole(0, gridColumns - 1),
  y: whole(0, dashboardLimits.row),
  width: whole(1, gridColumns),
  height: whole(1, 80),
});
/** Where a widget stands, in columns and rows from the top left corner. */
export type Layout = Static<typeof Layout>;

const MetricName = Type.String({ minLength: 1, maxLength: dashboardLimits.metricName });
const RoleFullname = Type.String({ maxLength: 200, description: "service:role; a space behind the colon is kept." });
const Expression = Type.String({ minLength: 1, maxLength: dashboardLimits.expression });
const HostTarget = Type.Object({ type: Type.Literal("host"), hostId: Id, name: MetricName });
const ServiceTarget = Type.Object({ type: Type.Literal("service"), serviceName: Type.String({ maxLength: 63 }), name: MetricName });
const ExpressionTarget = Type.Object({ type: Type.Literal("expression"), expression: Expression });
const QueryTarget = Type.Object({
  type: Type.Literal("query"),
  query: Expression,
  legend: Type.String({ maxLength: dashboardLimits.legend }),
});
/** What it showed is gone: the service or role was deleted. */
const UnknownTarget = Type.Object({ type: Type.Literal("unknown") });

export const GraphTarget = Type.Union([
  HostTarget,
  Type.Object({
    type: Type.Literal("role"),
    roleFullname: RoleFullname,
    name: MetricName,
    isStacked: Type.Optional(Type.Boolean()),
  }),
  ServiceTarget,
  ExpressionTarget,
  QueryTarget,
  UnknownTarget,
]);
export type GraphTarget = Static<typeof GraphTarget>;

export const MetricTarget = Type.Union([HostTarget, ServiceTarget, ExpressionTarget, QueryTarget, UnknownTarget]);
export type MetricTarget = Static<typeof MetricTarget>;

/** Absent: the widget follows the range of the page. Times in unix seconds; `relative` covers [now + offset - period, now + offset]. */
export const WidgetRange = Type.Union([
  Type.Object({ type: Type.Literal("absolute"), start: UnixSecondsNumber, end: UnixSecondsNumber }),
  Type.Object({ type: Type.Literal("relative"), period: whole(1, 4_294_967_295), offset: whole(-4_294_967_295, 4_294_967_295) }),
]);
export type WidgetRange = Static<typeof WidgetRange>;

const Bound = Type.Optional(Type.Union([Type.Number(), Type.Null()]));
const common = { title: Type.String({ maxLength: dashboardLimits.widgetTitle }), layout: Layout };

export const GraphWidget = Type.Object({
  type: Type.Literal("graph"),
  ...common,
  graph: GraphTarget,
  range: Type.Optional(WidgetRange),
  /** Ends of the y axis; an absent one follows the values. */
  valueRange: Type.Optional(Type.Object({ min: Bound, max: Bound })),
  /** Only these metrics are drawn; for graphs of hosts and services. */
  legendList: Type.Optional(Type.Array(MetricName, { maxItems: dashboardLimits.legendList })),
  referenceLines: Type.Optional(
    Type.Array(
      Type.Object({
        label: Type.String({ minLength: 1, maxLength: dashboardLimits.referenceLabel }),
        value: Type.Number({ minimum: 0 }),
      }),
      { maxItems: 1 },
    ),
  ),
});
export type GraphWidget = Static<typeof GraphWidget>;

export const ValueWidget = Type.Object({
  type: Type.Literal("value"),
  ...common,
  metric: MetricTarget,
  /** Digits behind the point; 2 when absent. */
  fractionSize: Type.Optional(whole(0, dashboardLimits.fractionSize)),
  suffix: Type.Optional(Type.String({ maxLength: dashboardLimits.suffix })),
  /** The value stands out while it is above or below the threshold. */
  formatRules: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.Optional(Type.String({ maxLength: dashboardLimits.ruleName })),
        threshold: Type.Number(),
        operator: Type.Union([Type.Literal(">"), Type.Literal("<")]),
      }),
      { maxItems: 1 },
    ),
  ),
});
export type ValueWidget = Static<typeof ValueWidget>;

export const MarkdownWidget = Type.Object({
  type: Type.Literal("markdown"),
  ...common,
  markdown: Type.String({ maxLength: dashboardLimits.markdown }),
});
export type MarkdownWidget = Static<typeof MarkdownWidget>;

export const AlertStatusWidget = Type.Object({
  type: Type.Literal("alertStatus"),
  ...common,
  /** Null once the role is gone. */
  roleFullname: Type.Union([RoleFullname, Type.Null()]),
});
export type AlertStatusWidget = Static<typeof AlertStatusWidget>;

export const Widget = Type.Union([GraphWidget, ValueWidget, MarkdownWidget, AlertStatusWidget]);
export type Widget = Static<typeof Widget>;

export const DashboardSummary = Type.Object({
  id: Id,
  title: Type.String(),
  memo: Type.String(),
  urlPath: Type.String(),
  /** How many widgets it has. */
  widgetCount: Type.Integer(),
  createdAt: UnixMsNumber,
  updatedAt: UnixMsNumber,
});
export type DashboardSummary = Static<typeof DashboardSummary>;

export const Dashboard = Type.Object({
  id: Id,
  title: Type.String(),
  memo: Type.String(),
  urlPath: Type.String(),
  widgets: Type.Array(Widget),
  createdAt: UnixMsNumber,
  updatedAt: UnixMsNumber,
});
export type Dashboard = Static<typeof Dashboard>;

const dashboards = { tag: "dashboards", access: "organisation" } as const;
const dashboardParams = Type.Object({ ...OrgParams.properties, id: Id });

export const NewDashboard = Type.Object({
  title: Type.String({ minLength: 1, maxLength: dashboardLimits.title }),
  memo: Type.Optional(Type.String({ maxLength: dashboardLimits.memo })),
  urlPath: Type.String({ maxLength: dashboardLimits.urlPath, pattern: urlPathPattern }),
  widgets: Type.Array(Widget, { maxItems: dashboardLimits.widgets }),
});

export const listDashboards = contract({
  ...dashboards,
  method: "GET",
  path: "/orgs/:org/dashboards",
  summary: "List dashboards by title",
  needs: "dashboard.view",
  params: OrgParams,
  query: Type.Object({
    text: Type.Optional(Type.String({ maxLength: 100, description: "Part of a title, memo or path." })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "50 when absent." })),
  }),
  response: Type.Object({ dashboards: Type.Array(DashboardSummary), total: Type.Integer() }),
});

export const getDashboard = contract({
  ...dashboards,
  method: "GET",
  path: "/orgs/:org/dashboards/:id",
  summary: "Show a dashboard with its widgets",
  needs: "dashboard.view",
  params: dashboardParams,
  response: Dashboard,
});

export const createDashboard = contract({
  ...dashboards,
  method: "POST",
  path: "/orgs/:org/dashboards",
  summary: "Create a dashboard",
  needs: "dashboard.change",
  params: OrgParams,
  body: NewDashboard,
  bodyLimit: 1024 * 1024,
  response: Dashboard,
});

export const changeDashboard = contract({
  ...dashboards,
  method: "PUT",
  path: "/orgs/:org/dashboards/:id",
  summary: "Replace a dashboard's title, memo, path and widgets",
  needs: "dashboard.change",
  params: dashboardParams,
  body: Type.Object({
    ...NewDashboard.properties,
    basedOn: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: "`updatedAt` of the dashboard that was edited: when somebody else changed it meanwhile, the answer is 409.",
      }),
    ),
  }),
  bodyLimit: 1024 * 1024,
  response: Dashboard,
});

export const deleteDashboard = contract({
  ...dashboards,
  method: "DELETE",
  path: "/orgs/:org/dashboards/:id",
  summary: "Delete a dashboard",
  needs: "dashboard.change",
  params: dashboardParams,
  response: Done,
});
