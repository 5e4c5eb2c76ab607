import { dashboardLimits as limits, type Widget } from "#wire/dashboards";
import { fieldsOf, Problems } from "#base/fields";
import { firstOverlap, isUrlPath, type DashboardInput } from "./model.ts";
import { widgetOf } from "./parse-widget.ts";

/**
 * A dashboard out of a JSON value of anybody's. Spellings are kept, unknown members are left out, and what a client sends as `null` because
 * it does not set it is absent. Knows nothing of which hosts and roles exist.
 * @throws HinobanError "bad-request" for what is no object, "invalid-input" with every wrong field
 */
export function dashboardOf(body: unknown): DashboardInput {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const title = fields.needed("title", { least: 1, most: limits.title });
  const memo = fields.text("memo", { most: limits.memo }) ?? "";
  const urlPath = fields.needed("urlPath", { least: 1, most: limits.urlPath });
  if (!problems.areThere && !isUrlPath(urlPath))
    fields.problem("urlPath", 'must be letters, digits, "_" and "-", with single slashes between');
  const read = fields.objects("widgets", limits.widgets, widgetOf) ?? [];
  const widgets = read.filter((widget): widget is Widget => widget !== undefined);
  if (!problems.areThere) {
    const pair = firstOverlap(widgets.map((widget) => widget.layout));
    if (pair) fields.problem(`widgets.${pair[1]}.layout`, `lies on the widget ${pair[0]}`);
  }
  problems.throwIfAny();
  return { title, memo, urlPath, widgets };
}
