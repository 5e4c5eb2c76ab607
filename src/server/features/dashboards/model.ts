import { dashboardLimits, urlPathPattern, type GraphTarget, type Layout, type MetricTarget, type Widget } from "#wire/dashboards";

/** What a dashboard is created or replaced with. */
export interface DashboardInput {
  readonly title: string;
  readonly memo: string;
  readonly urlPath: string;
  readonly widgets: readonly Widget[];
}

const name = "[A-Za-z0-9][A-Za-z0-9_-]{1,62}";
const fullname = new RegExp(`^(${name}):\\s*(${name})$`, "u");
const path = new RegExp(urlPathPattern, "u");

export const isUrlPath = (text: string): boolean => path.test(text) && text.length <= dashboardLimits.urlPath;

export const isRoleFullname = (text: string): boolean => fullname.test(text);

/** Service and role of a full name in either spelling; undefined for anything else. */
export function rolePartsOf(text: string): { readonly service: string; readonly role: string } | undefined {
  const [, service, role] = fullname.exec(text) ?? [];
  return service === undefined || role === undefined ? undefined : { service, role };
}

export const overlap = (a: Layout, b: Layout): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The first two that lie on each other. */
export function firstOverlap(layouts: readonly Layout[]): readonly [number, number] | undefined {
  const byRow = layouts.map((layout, index) => ({ layout, index })).toSorted((a, b) => a.layout.y - b.layout.y);
  for (const [at, upper] of byRow.entries()) {
    for (const lower of byRow.slice(at + 1)) {
      if (lower.layout.y >= upper.layout.y + upper.layout.height) break;
      if (overlap(upper.layout, lower.layout)) return upper.index < lower.index ? [upper.index, lower.index] : [lower.index, upper.index];
    }
  }
  return undefined;
}

/** The hosts, services and roles that widgets show, each once. */
export interface Targets {
  readonly hosts: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  /** Full names without a space. */
  readonly roles: ReadonlySet<string>;
}

/** A role's full name in the one spelling in which they are compared. */
export function plainRole(text: string): string {
  const parts = rolePartsOf(text);
  return parts ? `${parts.service}:${parts.role}` : text;
}

export function targetsOf(widgets: readonly Widget[]): Targets {
  const found = { hosts: new Set<string>(), services: new Set<string>(), roles: new Set<string>() };
  for (const widget of widgets) {
    const named = namedBy(widget);
    if (named) found[named.kind].add(named.key);
  }
  return found;
}

function targetOf(widget: Widget): GraphTarget | MetricTarget | undefined {
  if (widget.type === "graph") return widget.graph;
  return widget.type === "value" ? widget.metric : undefined;
}

/** A target that is not there: the widget's place, and what it names. */
export interface MissingTarget {
  readonly index: number;
  readonly field: string;
  readonly problem: string;
}

/** Widgets that show what does not exist. */
export function missingTargets(widgets: readonly Widget[], known: Targets): MissingTarget[] {
  return widgets.flatMap((widget, index): MissingTarget[] => {
    const named = namedBy(widget);
    return named && !known[named.kind].has(named.key) ? [{ index, field: named.field, problem: `there is no ${named.text}` }] : [];
  });
}

interface Named {
  readonly kind: keyof Targets;
  readonly key: string;
  readonly field: string;
  readonly text: string;
}

/** The host, service or role that a widget names. */
function namedBy(widget: Widget): Named | undefined {
  if (widget.type === "alertStatus") {
    const { roleFullname } = widget;
    return roleFullname === null ? undefined : namedRole(roleFullname, "roleFullname");
  }
  const target = targetOf(widget);
  const part = widget.type === "graph" ? "graph" : "metric";
  if (target?.type === "host") return { kind: "hosts", key: target.hostId, field: `${part}.hostId`, text: `host ${target.hostId}` };
  if (target?.type === "service")
    return { kind: "services", key: target.serviceName, field: `${part}.serviceName`, text: `service ${target.serviceName}` };
  return target?.type === "role" ? namedRole(target.roleFullname, `${part}.roleFullname`) : undefined;
}

const namedRole = (text: string, field: string): Named => ({
  kind: "roles",
  key: plainRole(text),
  field,
  text: `role ${text}`,
});

function isThere(widget: Widget, known: Targets): boolean {
  const named = namedBy(widget);
  return !named || known[named.kind].has(named.key);
}

/** The widgets as they are read: what shows something that is gone says so. */
export function present(widgets: readonly Widget[], known: Targets): Widget[] {
  return widgets.map((widget): Widget => {
    if (isThere(widget, known)) return widget;
    if (widget.type === "alertStatus") return { ...widget, roleFullname: null };
    if (widget.type === "graph") return { ...widget, graph: { type: "unknown" } };
    return widget.type === "value" ? { ...widget, metric: { type: "unknown" } } : widget;
  });
}
