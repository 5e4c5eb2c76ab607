import { createContext, use } from "react";
import { Value } from "typebox/value";
import { unixMs, type UnixMs } from "#base/duration";
import type { CallInput, Contract, ResponseOf } from "#wire/contract";
import { csrfHeader, idleHeader } from "#wire/identity";
import { Problem } from "#wire/shapes";

/** The server refused a call, or was not reached at all (then `code` is "unreachable" and `status` 0). */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly status: number;
  readonly code: string;
  /** Problems of single fields of the body: dotted path → sentence. */
  readonly fields: ReadonlyMap<string, string>;
  readonly requestId: string | undefined;
  /** When trying again makes sense. */
  readonly retryAt: UnixMs | undefined;

  constructor(problem: Pick<Problem, "status" | "code" | "detail"> & Partial<Problem>) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.requestId = problem.requestId;
    this.retryAt = problem.retryAt === undefined ? undefined : unixMs(problem.retryAt);
    this.fields = new Map((problem.fields ?? []).map((entry) => [fieldPath(entry.field), entry.problem]));
  }
}

/** "/body/name", "body.name" and "/name" all name the field "name". */
const fieldPath = (field: string): string =>
  field
    .replaceAll("/", ".")
    .replace(/^\.+/u, "")
    .replace(/^body\./u, "");

type AnyContract = Pick<Contract, "method" | "path" | "response">;

/** Calls one operation of the API with the session's cookie. @throws CallError */
export type Call = <C extends AnyContract>(contract: C, input?: CallInput<C>, signal?: AbortSignal) => Promise<ResponseOf<C>>;

export interface CallDeps {
  readonly fetch: typeof globalThis.fetch;
  /** The token of the session, sent with every method that changes something. */
  readonly csrf: () => string | undefined;
  /** Whether nobody has touched the page for a while; such calls do not keep the session open. */
  readonly isIdle?: () => boolean;
  /** Told when the server says that nobody is signed in (any more). */
  readonly onSignedOut: () => void;
}

/** Makes the one function through which the console talks to the server. */
export function makeCall(deps: CallDeps): Call {
  return async (contract, input = {}, signal) => {
    const response = await reach(deps, contract, input, signal);
    if (!response.ok) {
      const error = await problemOf(response);
      if (response.status === 401 && error.code !== "wrong-credentials") deps.onSignedOut();
      throw error;
    }
    // The server validates and serialises by the same contract.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both sides are built from one contract
    return (response.status === 204 ? undefined : await response.json()) as ResponseOf<typeof contract>;
  };
}

async function reach(deps: CallDeps, contract: AnyContract, input: LooseInput, signal: AbortSignal | undefined): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (contract.method !== "GET") {
    const token = deps.csrf();
    if (token !== undefined) headers[csrfHeader] = token;
  }
  if (deps.isIdle?.() === true) headers[idleHeader] = "1";
  if (input.body !== undefined) headers["content-type"] = "application/json";
  try {
    return await deps.fetch(urlOf(contract.path, input), {
      method: contract.method,
      headers,
      credentials: "same-origin",
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new CallError({ status: 0, code: "unreachable", detail: "The server cannot be reached." });
  }
}

interface LooseInput {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The address of an operation: parameters in their places, the rest of the query behind; what is undefined is left out. */
export function urlOf(path: string, input: LooseInput): string {
  const params = isRecord(input.params) ? input.params : {};
  const filled = path.replaceAll(/:([A-Za-z]+)/gu, (_, name: string) => encodeURIComponent(textOf(params[name] ?? "")));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(isRecord(input.query) ? input.query : {})) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, textOf(item));
  }
  const suffix = query.toString();
  return `/api/v1${filled}${suffix === "" ? "" : `?${suffix}`}`;
}

async function problemOf(response: Response): Promise<CallError> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  if (Value.Check(Problem, body)) return new CallError(body);
  return new CallError({
    status: response.status,
    code: response.status >= 500 ? "unavailable" : "internal",
    detail: response.statusText || `HTTP ${response.status}`,
  });
}

export const CallContext = createContext<Call | undefined>(undefined);

/** The function that calls the server. */
export function useCall(): Call {
  const call = use(CallContext);
  if (!call) throw new Error("useCall needs a CallContext above it.");
  return call;
}
