import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "opentelemetry", access: "organisation" } as const;

/** How an organisation keeps what OpenTelemetry sends. */
export const OtlpMapping = Type.Object({
  services: Type.Union([Type.Literal("never"), Type.Literal("without-host"), Type.Literal("always")], {
    description:
      "When metrics of a process become those of its service: never, when the process does not say on which host it is, or always.",
  }),
  joinsRoles: Type.Boolean({ description: "A host that is registered joins the role `service.name` of the service `service.namespace`." }),
  registerHosts: Type.Boolean({ description: "Register hosts that are unknown here." }),
  seriesPerHost: Type.Integer({
    minimum: 0,
    maximum: 20_000,
    description: "Most series of one host or service besides the system's metrics.",
  }),
});
export type OtlpMapping = Static<typeof OtlpMapping>;

export const defaultOtlpMapping: OtlpMapping = { services: "without-host", joinsRoles: false, registerHosts: true, seriesPerHost: 1000 };

export const getOtlpMapping = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/otlp/mapping",
  summary: "See how OpenTelemetry's metrics become those of hosts and services",
  needs: "inventory.view",
  params: OrgParams,
  response: OtlpMapping,
});

export const changeOtlpMapping = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/otlp/mapping",
  summary: "Change how OpenTelemetry's metrics become those of hosts and services",
  needs: "mapping.change",
  params: OrgParams,
  body: OtlpMapping,
  response: OtlpMapping,
});

export const getOtlpReception = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/otlp/reception",
  summary: "See what OpenTelemetry brought since the server started, and which hosts have too many series",
  needs: "inventory.view",
  params: OrgParams,
  response: Type.Object({
    requests: Type.Integer(),
    received: Type.Integer({ description: "Points of requests; a histogram is one." }),
    points: Type.Integer({ description: "Points that were stored." }),
    rejected: Type.Integer(),
    lastAt: Type.Optional(UnixMsNumber),
    overLimit: Type.Array(Type.Object({ source: Type.String(), name: Type.String(), kept: Type.Integer(), refused: Type.Integer() })),
  }),
});
