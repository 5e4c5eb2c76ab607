import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixSecondsNumber } from "./shapes.ts";

/** Lengths in characters; Mackerel's. */
export const annotationLimits = { title: 250, description: 1024, roles: 100 } as const;

/** Something that happened, drawn into the graphs of a service or of some of its roles: a line, or a band when it lasted. */
export const Annotation = Type.Object({
  id: Id,
  title: Type.String(),
  description: Type.Optional(Type.String()),
  from: UnixSecondsNumber,
  /** The same as `from` for a moment. */
  to: UnixSecondsNumber,
  service: Type.String(),
  /** Roles of the service; absent or empty: it belongs to the whole service. */
  roles: Type.Optional(Type.Array(Type.String())),
});
export type Annotation = Static<typeof Annotation>;

export const NewAnnotation = Type.Object({
  title: Type.String({ minLength: 1, maxLength: annotationLimits.title }),
  description: Type.Optional(Type.String({ maxLength: annotationLimits.description })),
  from: UnixSecondsNumber,
  to: UnixSecondsNumber,
  roles: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: annotationLimits.roles })),
});

const annotations = { tag: "annotations", access: "organisation" } as const;
const serviceParams = Type.Object({ ...OrgParams.properties, service: Type.String({ maxLength: 63 }) });
const annotationParams = Type.Object({ ...OrgParams.properties, id: Id });

export const listAnnotations = contract({
  ...annotations,
  method: "GET",
  path: "/orgs/:org/services/:service/annotations",
  summary: "List the graph annotations of a service that touch a range of time, oldest first",
  needs: "annotation.view",
  params: serviceParams,
  query: Type.Object({
    from: UnixSecondsNumber,
    to: UnixSecondsNumber,
    role: Type.Optional(Type.String({ maxLength: 63, description: "Only what this role's graphs show: its own and the whole service's." })),
  }),
  response: Type.Object({ annotations: Type.Array(Annotation) }),
});

export const createAnnotation = contract({
  ...annotations,
  method: "POST",
  path: "/orgs/:org/services/:service/annotations",
  summary: "Put an annotation into a service's graphs",
  needs: "annotation.change",
  params: serviceParams,
  body: NewAnnotation,
  response: Annotation,
});

export const changeAnnotation = contract({
  ...annotations,
  method: "PUT",
  path: "/orgs/:org/annotations/:id",
  summary: "Replace an annotation",
  needs: "annotation.change",
  params: annotationParams,
  body: Type.Object({ ...NewAnnotation.properties, service: Type.String({ maxLength: 63 }) }),
  response: Annotation,
});

export const deleteAnnotation = contract({
  ...annotations,
  method: "DELETE",
  path: "/orgs/:org/annotations/:id",
  summary: "Delete an annotation",
  needs: "annotation.change",
  params: annotationParams,
  response: Done,
});
