import { scopeOf, serve, type Served } from "#http";
import type { Deps } from "#store";
import * as annotations from "#wire/annotations";
import * as dashboards from "#wire/dashboards";
import { changeAnnotation } from "./change-annotation.ts";
import { changeDashboard } from "./change-dashboard.ts";
import { createAnnotation } from "./create-annotation.ts";
import { createDashboard } from "./create-dashboard.ts";
import { deleteAnnotation } from "./delete-annotation.ts";
import { deleteDashboard } from "./delete-dashboard.ts";
import { annotationOf } from "./parse-annotation.ts";
import { dashboardOf } from "./parse-dashboard.ts";
import { annotationsIn } from "./read-annotations.ts";
import { pageOfDashboards, readDashboard } from "./read-dashboards.ts";

const defaultLimit = 50;
const done = { success: true } as const;

/** Serves the own interface of dashboards and graph annotations. Bodies pass the same readers as Mackerel's, which know more than a schema can say. */
export function registerDashboards(served: Served, deps: Deps): void {
  registerDashboardRoutes(served, deps);
  registerAnnotationRoutes(served, deps);
}

function registerDashboardRoutes(served: Served, deps: Deps): void {
  serve(served, dashboards.listDashboards, ({ actor, query }) =>
    deps.db.tx(scopeOf(actor), (tx) => pageOfDashboards(tx, { ...query, offset: query.offset ?? 0, limit: query.limit ?? defaultLimit })),
  );
  serve(served, dashboards.getDashboard, ({ actor, params }) => deps.db.tx(scopeOf(actor), (tx) => readDashboard(tx, params.id)));
  serve(served, dashboards.createDashboard, async ({ actor, body }) => createDashboard(deps, actor, dashboardOf(body)));
  serve(served, dashboards.changeDashboard, async ({ actor, params, body }) => {
    const { basedOn } = body;
    return changeDashboard(deps, actor, { ...dashboardOf(body), id: params.id, ...(basedOn === undefined ? {} : { basedOn }) });
  });
  serve(served, dashboards.deleteDashboard, async ({ actor, params }) => {
    await deleteDashboard(deps, actor, params.id);
    return done;
  });
}

function registerAnnotationRoutes(served: Served, deps: Deps): void {
  serve(served, annotations.listAnnotations, async ({ actor, params, query }) => ({
    annotations: await deps.db.tx(scopeOf(actor), (tx) => annotationsIn(tx, { ...query, service: params.service })),
  }));
  serve(served, annotations.createAnnotation, async ({ actor, params, body }) =>
    createAnnotation(deps, actor, annotationOf({ ...body, service: params.service })),
  );
  serve(served, annotations.changeAnnotation, async ({ actor, params, body }) =>
    changeAnnotation(deps, actor, params.id, annotationOf(body)),
  );
  serve(served, annotations.deleteAnnotation, async ({ actor, params }) => {
    await deleteAnnotation(deps, actor, params.id);
    return done;
  });
}
