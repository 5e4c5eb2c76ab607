import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { OrgParams, UnixSecondsNumber } from "./shapes.ts";

const Column = Type.Array(Type.Unsafe<number | null>({ type: ["number", "null"] }), {
  description: "One value per bucket; null where nothing can be said.",
});

export const ExpressionSeries = Type.Object({
  from: UnixSecondsNumber,
  step: Type.Integer({ minimum: 60, description: "Width of a bucket in seconds." }),
  lines: Type.Array(Type.Object({ label: Type.String(), isStacked: Type.Boolean(), avg: Column })),
});
export type ExpressionSeries = Static<typeof ExpressionSeries>;

export const readExpressionSeries = contract({
  method: "GET",
  path: "/orgs/:org/expressions/series",
  summary: "Compute an expression over a time",
  tag: "metrics",
  access: "organisation",
  needs: "metrics.view",
  params: OrgParams,
  query: Type.Object({
    expression: Type.String({
      minLength: 1,
      maxLength: 10_000,
      description: "Mackerel's expression language: `avg(roleSlots(blog:app, loadavg5))`.",
    }),
    from: UnixSecondsNumber,
    to: Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Exclusive." }),
    buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: 2000, description: "At most so many buckets; 300 when absent." })),
  }),
  response: ExpressionSeries,
});
