import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { hostParams } from "./inventory.ts";
import { UnixMsNumber } from "./shapes.ts";

/** Something that reports for a host. `agent` speaks Mackerel's interface: our agent, mackerel-agent, or a tool. */
export const Reporter = Type.Object({
  kind: Type.Union([
    Type.Literal("agent"),
    Type.Literal("zabbix"),
    Type.Literal("prometheus"),
    Type.Literal("otlp"),
    Type.Literal("scrape"),
  ]),
  name: Type.String({ description: "What it calls the host; empty for an agent, which knows the host's id." }),
  lastSeenAt: UnixMsNumber,
});
export type Reporter = Static<typeof Reporter>;

export const listReporters = contract({
  tag: "inventory",
  access: "organisation",
  method: "GET",
  path: "/orgs/:org/hosts/:id/reporters",
  summary: "List what reports for a host, and when each was heard of last",
  needs: "inventory.view",
  params: hostParams,
  response: Type.Object({ reporters: Type.Array(Reporter) }),
});
