import type { Static, TObject, TSchema } from "typebox";
import type { Permission } from "#wire/permissions";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Who may call at all, before any permission is asked:
 * `public` anybody; `person` somebody signed in; `organisation` a member or an API key of the organisation named by `:org` in the path.
 */
export type Access = "public" | "person" | "organisation";

/** One HTTP operation, written once: the server serves it, the console and the command line call it, OpenAPI describes it. */
export interface Contract<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Response extends TSchema = TSchema,
> {
  readonly method: Method;
  /** Below /api/v1, with `:name` for parameters. */
  readonly path: string;
  /** One line for OpenAPI, an imperative sentence. */
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  /** The permission without which the operation is refused before its handler runs; acts ask again inside their transaction. */
  readonly needs?: Permission;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly response: Response;
  /** Largest body accepted, in bytes; 256 KiB when absent. */
  readonly bodyLimit?: number;
}

/** Types the contract by its literal; returns it unchanged. */
export function contract<
  Params extends TObject = TObject<Record<never, never>>,
  Query extends TObject = TObject<Record<never, never>>,
  Body extends TSchema = TSchema,
  Response extends TSchema = TSchema,
>(definition: Contract<Params, Query, Body, Response>): Contract<Params, Query, Body, Response> {
  return definition;
}

export type ParamsOf<C> = C extends Contract<infer P, infer _Q, infer _B, infer _R> ? Static<P> : never;
export type QueryOf<C> = C extends Contract<infer _P, infer Q, infer _B, infer _R> ? Static<Q> : never;
export type BodyOf<C> = C extends Contract<infer _P, infer _Q, infer B, infer _R> ? Static<B> : never;
export type ResponseOf<C> = C extends Contract<infer _P, infer _Q, infer _B, infer R> ? Static<R> : never;

/** What a caller hands over; parts that a contract lacks may be left out. */
export interface CallInput<C> {
  readonly params?: ParamsOf<C>;
  readonly query?: QueryOf<C>;
  readonly body?: BodyOf<C>;
}
