import { toSeconds, unixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { parseJson, scopeOf, textOf, type V0, type V0Query } from "#http";
import type { Deps } from "#store";
import type { Dashboard } from "#wire/dashboards";
import { changeAnnotation } from "./change-annotation.ts";
import { changeDashboard } from "./change-dashboard.ts";
import { createAnnotation } from "./create-annotation.ts";
import { createDashboard } from "./create-dashboard.ts";
import { deleteAnnotation } from "./delete-annotation.ts";
import { deleteDashboard } from "./delete-dashboard.ts";
import { annotationOf } from "./parse-annotation.ts";
import { dashboardOf } from "./parse-dashboard.ts";
import { annotationsIn, type AnnotationQuery } from "./read-annotations.ts";
import { allDashboards, readDashboard } from "./read-dashboards.ts";

/** Serves Mackerel's interface to dashboards and graph annotations. */
export function registerDashboardsV0(v0: V0, deps: Deps): void {
  registerDashboards(v0, deps);
  registerAnnotations(v0, deps);
}

/** Times in whole seconds. `mkr dashboards pull` writes its files from this, and compares them with it later. */
const v0Dashboard = ({ createdAt, updatedAt, ...dashboard }: Dashboard): object => ({
  ...dashboard,
  createdAt: toSeconds(unixMs(createdAt)),
  updatedAt: toSeconds(unixMs(updatedAt)),
});

function registerDashboards(v0: V0, deps: Deps): void {
  v0.route({ method: "GET", path: "/dashboards", needs: "dashboard.view" }, async ({ actor }) => ({
    dashboards: (await deps.db.tx(scopeOf(actor), allDashboards)).map(v0Dashboard),
  }));
  v0.route({ method: "GET", path: "/dashboards/:id", needs: "dashboard.view" }, async ({ actor, params }) =>
    v0Dashboard(await deps.db.tx(scopeOf(actor), (tx) => readDashboard(tx, params["id"] ?? ""))),
  );
  v0.route({ method: "POST", path: "/dashboards", needs: "dashboard.change" }, async ({ actor, body }) =>
    v0Dashboard(await createDashboard(deps, actor, dashboardOf(parseJson(textOf(body))))),
  );
  v0.route({ method: "PUT", path: "/dashboards/:id", needs: "dashboard.change" }, async ({ actor, params, body }) =>
    v0Dashboard(await changeDashboard(deps, actor, { ...dashboardOf(parseJson(textOf(body))), id: params["id"] ?? "" })),
  );
  v0.route({ method: "DELETE", path: "/dashboards/:id", needs: "dashboard.change" }, async ({ actor, params }) =>
    v0Dashboard(await deleteDashboard(deps, actor, params["id"] ?? "")),
  );
}

function registerAnnotations(v0: V0, deps: Deps): void {
  const path = "/graph-annotations";
  v0.route({ method: "GET", path, needs: "annotation.view" }, async ({ actor, query }) => {
    const wanted = annotationQuery(query);
    return { graphAnnotations: await deps.db.tx(scopeOf(actor), (tx) => annotationsIn(tx, wanted)) };
  });
  v0.route({ method: "POST", path, needs: "annotation.change" }, async ({ actor, body }) =>
    createAnnotation(deps, actor, annotationOf(parseJson(textOf(body)))),
  );
  v0.route({ method: "PUT", path: `${path}/:id`, needs: "annotation.change" }, async ({ actor, params, body }) =>
    changeAnnotation(deps, actor, params["id"] ?? "", annotationOf(parseJson(textOf(body)))),
  );
  v0.route({ method: "DELETE", path: `${path}/:id`, needs: "annotation.change" }, async ({ actor, params }) =>
    deleteAnnotation(deps, actor, params["id"] ?? ""),
  );
}

function annotationQuery(query: V0Query): AnnotationQuery {
  const service = query.one("service");
  if (service === undefined) throw invalidInput([{ field: "service", problem: "must be given" }]);
  return { service, from: query.integer("from"), to: query.integer("to") };
}
