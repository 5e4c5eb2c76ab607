import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

const GraphName = Type.String({ minLength: 1, maxLength: 255, description: "As the list of graphs names it." });
const Name = Type.String({ minLength: 1, maxLength: 63 });

/** One graph of a host, of a service's own metrics, or of a role. */
export const GraphTarget = Type.Union([
  Type.Object({ kind: Type.Literal("host"), host: Id, graph: GraphName }),
  Type.Object({ kind: Type.Literal("service"), service: Name, graph: GraphName }),
  Type.Object({
    kind: Type.Literal("role"),
    service: Name,
    role: Name,
    graph: GraphName,
    isStacked: Type.Optional(Type.Boolean({ description: "Hosts on top of each other; as the graph is by itself when absent." })),
    show: Type.Optional(
      Type.Union([Type.Literal("auto"), Type.Literal("all"), Type.Literal("summary")], {
        description: "`auto` when absent: host by host up to 30 hosts, a summary above.",
      }),
    ),
  }),
]);
export type GraphTarget = Static<typeof GraphTarget>;

/** What Mackerel calls the graphs of a role, and the one figure that stands for each here. */
export const roleGraphAliases: ReadonlyMap<string, string> = new Map([
  ["loadavg", "loadavg5"],
  ["cpu", "cpu%"],
  ["memory", "memory.used"],
  ["interface", "interface.rxBytes.delta"],
  ["disk", "disk.reads.delta"],
  ["filesystem", "disk%"],
]);

/** Pixels of a drawn graph. */
export const pictureSize = { width: { least: 200, most: 2000 }, height: { least: 100, most: 1200 } } as const;
/** What a graph is drawn in when nobody says otherwise. */
export const usualSize = { width: 400, height: 200 } as const;

/** How far back a graph reaches: a number with `m` (minutes), `h`, `d`, `w`, `mo` (30 days) or `y` (365 days), from 5 minutes to 2 years. */
export const Period = Type.String({ pattern: "^[1-9][0-9]{0,4}(?:m|h|d|w|mo|y)$", description: "`30m`, `6h`, `2d`, `1w`, `1mo`, `1y`." });

export const PictureScheme = Type.Union([Type.Literal("light"), Type.Literal("dark")]);
export type PictureScheme = Static<typeof PictureScheme>;

const look = {
  period: Period,
  width: Type.Integer({ minimum: pictureSize.width.least, maximum: pictureSize.width.most }),
  height: Type.Integer({ minimum: pictureSize.height.least, maximum: pictureSize.height.most }),
  theme: PictureScheme,
  language: Language,
};

export const ShareLabel = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });

/** A link through which anybody who has it sees one graph, without signing in. */
export const ShareLink = Type.Object({
  id: Id,
  label: Type.String(),
  target: GraphTarget,
  /** What the graph belongs to: the host's name, the service, `service: role`. */
  owner: Type.String(),
  ...look,
  state: Type.Union([Type.Literal("active"), Type.Literal("expired"), Type.Literal("revoked")]),
  createdBy: Type.String({ description: "As the ledger names who did it." }),
  createdByName: Type.Optional(Type.String()),
  createdAt: UnixMsNumber,
  expiresAt: Type.Optional(UnixMsNumber),
  lastUsedAt: Type.Optional(UnixMsNumber),
  revokedAt: Type.Optional(UnixMsNumber),
});
export type ShareLink = Static<typeof ShareLink>;

export const NewShareLink = Type.Object({
  target: GraphTarget,
  label: ShareLabel,
  ...look,
  expiresAt: Type.Optional(Type.Integer({ minimum: 0, description: "Milliseconds since 1970; never when absent." })),
});
export type NewShareLink = Static<typeof NewShareLink>;

const common = { tag: "sharing", access: "organisation" } as const;

export const listShareLinks = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/share-links",
  summary: "List the share links of graphs, newest first",
  needs: "metrics.view",
  params: OrgParams,
  query: Type.Object({
    includeEnded: Type.Optional(Type.Boolean({ description: "Also those that expired or were revoked." })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
  }),
  response: Type.Object({ links: Type.Array(ShareLink), total: Type.Integer() }),
});

export const createShareLink = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/share-links",
  summary: "Create a link that shows one graph to anybody who has it; its path is told this once",
  needs: "share.change",
  params: OrgParams,
  body: NewShareLink,
  response: Type.Object({
    link: ShareLink,
    path: Type.String({ description: "Below the server's address. With `.png` or `.svg` behind it, the picture alone." }),
  }),
});

export const revokeShareLink = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/share-links/:id",
  summary: "Revoke a share link for good",
  needs: "share.change",
  params: Type.Object({ ...OrgParams.properties, id: Id }),
  response: Done,
});
