import { Type, type Static } from "typebox";

/** Shapes that many contracts share. */
export const Id = Type.String({ minLength: 1, maxLength: 64, description: "Opaque id." });
export const UnixMsNumber = Type.Integer({ minimum: 0, description: "Milliseconds since 1970-01-01T00:00:00Z." });
export const UnixSecondsNumber = Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Seconds since 1970-01-01T00:00:00Z." });

export const OrganisationName = Type.String({
  pattern: "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$",
  description: "Name in URLs: 2-63 lower-case letters, digits and dashes.",
});

/** Service and role names as Mackerel has them. */
export const ServiceName = Type.String({
  pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{1,62}$",
  description: "2-63 letters, digits, underscores and dashes.",
});

export const OrgParams = Type.Object({ org: Type.String({ minLength: 1, maxLength: 64 }) });

/** `service:role`. */
export const RoleFullName = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{1,62}:\\s?[A-Za-z0-9][A-Za-z0-9_-]{1,62}$" });

export const Language = Type.Union([Type.Literal("en"), Type.Literal("ja")]);
export type Language = Static<typeof Language>;

export const Done = Type.Object({ success: Type.Literal(true) });

/** RFC 9457 problem details, as every operation of /api/v1 answers a failure. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  requestId: Type.Optional(Type.String()),
  /** When trying again makes sense, for "locked" and "too-many-requests". */
  retryAt: Type.Optional(UnixMsNumber),
  fields: Type.Optional(Type.Array(Type.Object({ field: Type.String(), problem: Type.String() }))),
});
export type Problem = Static<typeof Problem>;

/** Minutes without data after which a host counts as silent: never below the usual delay of an agent's posts, at most a week. */
export const NoDataMinutes = Type.Integer({ minimum: 3, maximum: 10_080 });
