import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { HinobanError } from "#base/errors";
import type { BodyOf, Contract, ParamsOf, QueryOf, ResponseOf } from "#wire/contract";
import type { Permission } from "#wire/permissions";
import { idleHeader } from "#wire/identity";
import { Problem } from "#wire/shapes";
import type { Actor, Principal } from "./actor.ts";
import { checker } from "./validate.ts";

/** What a request says about who sends it. */
export interface Credentials {
  readonly cookie: string | undefined;
  readonly apiKey: string | undefined;
  /** The screen asks by itself, nobody is there: a session is not used by that. */
  readonly isIdle?: boolean;
  readonly address: string;
}

/** What the HTTP layer asks of the feature that knows people and keys. */
export interface Gate {
  /** Undefined when nothing was presented. @throws "unauthenticated" | "session-expired" for something that is not valid. */
  authenticate(credentials: Credentials): Promise<Principal | undefined>;
  /** @throws "not-found" when the organisation does not exist or the principal does not belong to it (the same answer, on purpose). */
  enter(principal: Principal, organisation: string, address: string): Promise<Actor>;
  /** @throws "forbidden" with what is missing. */
  demand(actor: Actor, permission: Permission, object: string): void;
  /** Writes the refusal into the ledger, after the refused act's transaction has rolled back. */
  recordRefusal(actor: Actor, refusal: HinobanError): Promise<void>;
}

/** Where a request came from, for acts that record it. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
  readonly isSecure: boolean;
}

interface CallBase<C> {
  readonly params: ParamsOf<C>;
  readonly query: QueryOf<C>;
  readonly body: BodyOf<C>;
  readonly origin: Origin;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}
export type PublicCall<C> = CallBase<C> & { readonly principal: Principal | undefined };
export type PersonCall<C> = CallBase<C> & { readonly principal: Extract<Principal, { kind: "person" }> };
export type OrganisationCall<C> = CallBase<C> & { readonly principal: Principal; readonly actor: Actor };

type AnyContract = Contract;

/** The part of the application that serves contracts: where routes go and who guards them. */
export interface Served {
  readonly app: FastifyInstance;
  readonly gate: Gate;
}

export const apiPrefix = "/api/v1";

/** Serves an operation that anybody may call. */
export function servePublic<C extends AnyContract>(
  served: Served,
  operation: C,
  handler: (call: PublicCall<C>) => Promise<ResponseOf<C>>,
): void {
  route(served, operation, async (base) => handler({ ...base, principal: await principalIfAny(served, base.request) }));
}

/** Serves an operation of the person who is signed in, whatever the organisation. */
export function servePerson<C extends AnyContract>(
  served: Served,
  operation: C,
  handler: (call: PersonCall<C>) => Promise<ResponseOf<C>>,
): void {
  route(served, operation, async (base) => {
    const principal = await principalOf(served, base.request);
    if (principal?.kind !== "person") throw new HinobanError("unauthenticated", "Sign in first.");
    checkCsrf(base.request, principal);
    return handler({ ...base, principal });
  });
}

/** Serves an operation inside the organisation that the path's `:org` names, for its members and API keys. */
export function serve<C extends AnyContract>(
  served: Served,
  operation: C,
  handler: (call: OrganisationCall<C>) => Promise<ResponseOf<C>>,
): void {
  route(served, operation, async (base) => {
    const principal = await principalOf(served, base.request);
    if (!principal) throw new HinobanError("unauthenticated", "Sign in, or send an API key in the header X-Api-Key.");
    checkCsrf(base.request, principal);
    const name = (base.request.params as { org: string }).org; // every organisation contract has :org in its path
    const actor = await served.gate.enter(principal, name, base.origin.address);
    return guarded(served.gate, actor, async () => {
      if (operation.needs) served.gate.demand(actor, operation.needs, namedObject(operation.path, base.request.params, actor));
      return handler({ ...base, principal, actor });
    });
  });
}

/** What a request is about, as the ledger names it in a refusal: the host of its path when there is one, else the organisation. */
export function namedObject(path: string, params: unknown, actor: Actor): string {
  const id = typeof params === "object" && params !== null && "id" in params ? params.id : undefined;
  const isHost = path.includes("/hosts/:id") && typeof id === "string" && /^[A-Za-z0-9]{1,64}$/u.test(id);
  return isHost ? `host:${id}` : `organisation:${actor.organisationId}`;
}

/** Runs an act and, when it was refused for want of a permission, records the refusal. The one wrapper around all verbs. */
export async function guarded<T>(gate: Gate, actor: Actor, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof HinobanError && error.code === "forbidden") await gate.recordRefusal(actor, error);
    throw error;
  }
}

/** Finds the principal of a request from its cookie or key. `isByItself`: no person asks, so the session is not used by it. */
export function principalOf(served: Served, request: FastifyRequest, isByItself = false): Promise<Principal | undefined> {
  const isIdle = isByItself || request.headers[idleHeader] === "1";
  return served.gate.authenticate({ cookie: request.headers.cookie, apiKey: apiKeyOf(request), address: request.ip, isIdle });
}

/** The same for operations that anybody may call: whoever comes with an ended session or a revoked key is nobody, and may sign in. */
async function principalIfAny(served: Served, request: FastifyRequest): Promise<Principal | undefined> {
  try {
    return await principalOf(served, request);
  } catch (error) {
    if (error instanceof HinobanError && error.status === 401) return undefined;
    throw error;
  }
}

function apiKeyOf(request: FastifyRequest): string | undefined {
  const header = request.headers["x-api-key"];
  if (typeof header === "string" && header !== "") return header;
  const match = /^Bearer\s+(\S+)$/iu.exec(request.headers.authorization ?? "");
  return match?.[1];
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** A session cookie travels by itself, so an unsafe request must also carry the session's token in a header that another site cannot set. */
function checkCsrf(request: FastifyRequest, principal: Principal): void {
  if (principal.kind !== "person" || safeMethods.has(request.method)) return;
  if (request.headers["x-hinoban-csrf"] !== principal.csrf) {
    throw new HinobanError("csrf-mismatch", "The page is out of date. Reload it and try again.");
  }
}

function route<C extends AnyContract>({ app }: Served, operation: C, handle: (base: CallBase<C>) => Promise<ResponseOf<C>>): void {
  const checks = {
    params: operation.params && checker(operation.params, "path"),
    query: operation.query && checker(operation.query, "query"),
    body: operation.body && checker(operation.body, "body"),
  };
  const options: RouteShorthandOptions = {
    schema: schemaOf(operation),
    validatorCompiler: () => () => true, // checked below, with errors that name the field
    ...(operation.bodyLimit === undefined ? {} : { bodyLimit: operation.bodyLimit }),
  };
  app.route({
    method: operation.method,
    url: apiPrefix + operation.path,
    ...options,
    handler: async (request, reply) => {
      const base = {
        params: checks.params?.(request.params),
        query: checks.query?.(request.query),
        body: checks.body?.(request.body),
        origin: { address: request.ip, userAgent: request.headers["user-agent"] ?? "", isSecure: request.protocol === "https" },
        request,
        reply,
      } as CallBase<C>; // the checks above are compiled from the very schemas that these types come from
      return handle(base);
    },
  });
}

function schemaOf(operation: AnyContract): Record<string, unknown> {
  return {
    summary: operation.summary,
    tags: [operation.tag],
    ...(operation.params ? { params: operation.params } : {}),
    ...(operation.query ? { querystring: operation.query } : {}),
    ...(operation.body ? { body: operation.body } : {}),
    security:
      operation.access === "public"
        ? []
        : operation.access === "person"
          ? [{ session: [] }]
          : [{ session: [] }, { apiKey: [] }, { bearer: [] }],
    response: { 200: operation.response, default: Problem },
  };
}
