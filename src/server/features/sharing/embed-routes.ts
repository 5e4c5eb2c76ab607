import type { FastifyReply, FastifyRequest } from "fastify";
import { toSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { asHinobanError, guarded, principalOf, scopeOf, type Served } from "#http";
import type { Scope } from "#store";
import { usualSize, type GraphTarget, type PictureScheme } from "#wire/sharing";
import type { Language } from "#wire/shapes";
import { drawExpression, unitOf } from "./draw-expression.ts";
import { drawGraph } from "./draw-graph.ts";
import { targetOf } from "./list-share-links.ts";
import {
  formatOf,
  lookOf,
  memberSpan,
  periodOf,
  periodSeconds,
  shortestPeriod,
  spanBefore,
  type Format,
  type Look,
  type Span,
} from "./model.ts";
import { graphPage, policyOf } from "./page.ts";
import { sendProblem } from "./send-problem.ts";
import type { Sharing } from "./sharing.ts";
import { useLink } from "./use-link.ts";

/** A request for a graph, its path already taken apart. */
interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Steps of the path; the last one has lost its ending. */
  readonly steps: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly format: Format;
}

const usualLook = (language: Language): Look => ({ ...usualSize, theme: "light", language });

/** Serves graphs that stand alone: `/embed/public/…` for whoever has a link, `/embed/orgs/…` for members. */
export function registerEmbeds(served: Served, sharing: Sharing): void {
  embed(served, sharing, "/embed/public/embed/:token", (asked) => sendShared(sharing, asked));
  const at = "/embed/orgs/:org";
  embed(served, sharing, `${at}/hosts/:host`, (asked) =>
    sendOwn(served, sharing, asked, (graph) => ({ kind: "host", host: asked.steps["host"] ?? "", graph })),
  );
  embed(served, sharing, `${at}/services/:service`, (asked) =>
    sendOwn(served, sharing, asked, (graph) => ({ kind: "service", service: asked.steps["service"] ?? "", graph })),
  );
  embed(served, sharing, `${at}/services/:service/:role`, (asked) =>
    sendOwn(served, sharing, asked, (graph) => ({
      kind: "role",
      service: asked.steps["service"] ?? "",
      role: asked.steps["role"] ?? "",
      graph,
      ...roleChoices(asked.query),
    })),
  );
  embed(served, sharing, `${at}/:page`, (asked) => sendExpression(served, sharing, asked));
}

function embed({ app }: Served, sharing: Sharing, path: string, send: (asked: Asked) => Promise<unknown>): void {
  app.get(path, { schema: { hide: true } }, async (request, reply) => {
    const params = request.params as Record<string, string>; // the path has nothing but named steps
    const last = Object.keys(params).at(-1) ?? "";
    const { name, format } = formatOf(params[last] ?? "");
    const query = request.query as Record<string, unknown>; // texts, or lists of texts
    try {
      return await send({ request, reply, steps: { ...params, [last]: name }, query, format });
    } catch (thrown) {
      const error = asHinobanError(thrown);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "a graph could not be drawn");
      return sendProblem(sharing, reply, error, format, lookOf(query, usualLook("en")).theme);
    }
  });
}

/** Mackerel's `stacked=true&simplified=false`. */
function roleChoices(query: Asked["query"]): Partial<Extract<GraphTarget, { kind: "role" }>> {
  const { stacked, simplified } = query;
  return {
    ...(stacked === "true" || stacked === "false" ? { isStacked: stacked === "true" } : {}),
    ...(simplified === "true" ? { show: "summary" as const } : simplified === "false" ? { show: "all" as const } : {}),
  };
}

/** What the one graph of a link shows: nobody is asked who they are, and nothing but this graph comes of it. */
async function sendShared(sharing: Sharing, asked: Asked): Promise<unknown> {
  sharing.strangers.take(asked.request.ip);
  const link = await useLink(sharing, asked.steps["token"] ?? "");
  const seconds = periodOf(asked.query, periodSeconds(link.period) ?? shortestPeriod);
  const [scope, target, ownerId] = [{ organisationId: link.organisation_id }, targetOf(link), link.owner_id];
  const span = spanBefore(toSeconds(sharing.clock.now()), seconds);
  const look = lookOf(asked.query, link);
  return sendGraph(sharing, asked, {
    scope,
    what: [ownerId, target],
    draw: () => drawGraph(sharing, scope, { target, ownerId, span, look }),
    span,
    look,
    title: link.label,
    // A page asks each time, so that a frame of a revoked link is empty at once; its ETag makes that cheap.
    caching: asked.format === "html" ? "public, no-cache" : "public, max-age=60",
    resourcePolicy: "cross-origin",
  });
}

/** What somebody who is signed in may see of their organisation's graphs. */
interface Own {
  readonly scope: Scope;
  readonly span: Span;
  readonly look: Look;
  readonly caching: string;
  readonly resourcePolicy: "same-site";
}

/** Finds out who asks, and whether they may. */
async function asMember({ gate, app }: Served, sharing: Sharing, asked: Asked, send: (own: Own) => Promise<unknown>): Promise<unknown> {
  const { request, query, steps, format } = asked;
  const principal = await principalOf({ gate, app }, request);
  if (!principal) throw new HinobanError("unauthenticated", "Sign in first.");
  const actor = await gate.enter(principal, steps["org"] ?? "", request.ip);
  return guarded(gate, actor, async () => {
    gate.demand(actor, "metrics.view", `organisation:${actor.organisationId}`);
    return send({
      scope: scopeOf(actor),
      span: memberSpan(query, toSeconds(sharing.clock.now())),
      look: lookOf(query, usualLook(principal.kind === "person" ? principal.language : "en")),
      caching: format === "html" ? "private, no-cache" : "private, max-age=60",
      resourcePolicy: "same-site",
    });
  });
}

/** A graph for somebody who is signed in and may see it. */
function sendOwn(served: Served, sharing: Sharing, asked: Asked, targetFor: (graph: string) => GraphTarget): Promise<unknown> {
  const { query, steps } = asked;
  return asMember(served, sharing, asked, async (own) => {
    const graph = query["graph"];
    if (typeof graph !== "string" || graph === "") throw new HinobanError("not-found", "Name the graph: ?graph=loadavg.");
    const target = targetFor(graph);
    return sendGraph(sharing, asked, {
      ...own,
      what: [null, target],
      draw: () => drawGraph(sharing, own.scope, { target, span: own.span, look: own.look }),
      title: graph,
      href: `/o/${encodeURIComponent(steps["org"] ?? "")}/graph?${permalinkQuery(target)}`,
    });
  });
}

/** Mackerel's graph of an expression: `/embed/orgs/ORG/advanced-graph?query=EXPRESSION&title=TITLE&unit=UNIT`. */
function sendExpression(served: Served, sharing: Sharing, asked: Asked): Promise<unknown> {
  const { query, steps } = asked;
  if (steps["page"] !== "advanced-graph") throw new HinobanError("not-found", "There is no such page.");
  return asMember(served, sharing, asked, async (own) => {
    const { query: expression, title } = query;
    if (typeof expression !== "string" || expression === "")
      throw new HinobanError("invalid-input", "query: name the expression: ?query=avg(role(service:role, loadavg5)).", {
        fields: [{ field: "query", problem: "name the expression" }],
      });
    const drawing = {
      expression,
      title: typeof title === "string" && title !== "" ? title : expression,
      unit: unitOf(query["unit"]),
      span: own.span,
      look: own.look,
    };
    return sendGraph(sharing, asked, {
      ...own,
      what: [expression, drawing.title, drawing.unit],
      draw: () => drawExpression(sharing, own.scope, drawing),
      title: drawing.title,
    });
  });
}

/** The address of the console's page for one graph. */
function permalinkQuery(target: GraphTarget): string {
  const { graph } = target;
  if (target.kind === "host") return new URLSearchParams({ host: target.host, graph }).toString();
  const role = target.kind === "role" ? { role: target.role } : {};
  return new URLSearchParams({ service: target.service, ...role, graph }).toString();
}

interface Sending {
  readonly scope: Scope;
  /** Tells one drawing of the same time and look from another. */
  readonly what: readonly unknown[];
  readonly draw: () => Promise<string>;
  readonly span: Span;
  readonly look: Look;
  readonly title: string;
  readonly href?: string;
  readonly caching: string;
  readonly resourcePolicy: "cross-origin" | "same-site";
}

const types: Readonly<Record<Format, string>> = { html: "text/html; charset=utf-8", svg: "image/svg+xml; charset=utf-8", png: "image/png" };

async function sendGraph(sharing: Sharing, { request, reply, format }: Asked, sending: Sending): Promise<unknown> {
  const { scope, what, draw, span, look, title, href } = sending;
  const key = JSON.stringify([scope.organisationId, ...what, span, look.width, look.height, look.theme, look.language]);
  const { body, etag } = await (format === "png" ? sharing.pictures.png(key, draw) : sharing.pictures.svg(key, draw));
  void reply
    .header("cache-control", sending.caching)
    .header("etag", etag)
    .header("vary", "accept-encoding")
    .header("cross-origin-resource-policy", sending.resourcePolicy)
    .header("x-robots-tag", "noindex")
    .header("content-security-policy", policyFor(format, look.theme))
    .type(types[format]);
  if (request.headers["if-none-match"] === etag) return reply.code(304).send();
  if (format !== "html") return reply.send(body);
  const refresh = span.to - span.from > 86_400 ? 300 : 60;
  const { language, theme: scheme } = look;
  return reply.send(graphPage(body.toString("utf8"), { title, language, scheme, refresh, ...(href === undefined ? {} : { href }) }));
}

/** A picture opened by itself may do nothing at all. */
const policyFor = (format: Format, scheme: PictureScheme): string =>
  format === "html" ? policyOf(scheme) : "default-src 'none'; sandbox; frame-ancestors *";
