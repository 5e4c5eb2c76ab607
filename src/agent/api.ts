import { hours, millis, seconds, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import type { HttpClient, HttpReply, HttpRequest } from "./http.ts";
import { isJsonObject, parseJson, type JsonObject } from "./json.ts";
import { agentName } from "./version.ts";

/**
 * How a call ended, as the agent must act on it:
 * ok (2xx with a JSON value), away (network, 5xx, 408, 429, or 2xx without JSON: later again), denied (401, 403: the key), refused (other 4xx
 * and redirects: this request).
 */
export type Outcome =
  | { readonly kind: "ok"; readonly value: unknown }
  | { readonly kind: "away"; readonly why: string; readonly retryAfter: Millis | undefined }
  | { readonly kind: "denied"; readonly status: number; readonly why: string }
  | { readonly kind: "refused"; readonly status: number; readonly why: string };

/** A host as the server tells it: the fields that the agent looks at. */
export interface HostRecord {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly isRetired: boolean;
  readonly meta: JsonObject;
}

/** Whose probes are meant. */
export interface ProbePlace {
  readonly organisation: string;
  readonly hostId: string;
}

const probePath = ({ organisation, hostId }: ProbePlace): string =>
  `/api/v1/orgs/${encodeURIComponent(organisation)}/hosts/${encodeURIComponent(hostId)}`;

/** The calls of Mackerel's API v0 that an agent makes. */
export class ApiClient {
  readonly #http: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(http: HttpClient, key: Secret) {
    this.#http = http;
    this.#headers = { "x-api-key": key.reveal(), "user-agent": agentName, accept: "application/json" };
  }

  createHost(input: JsonObject): Promise<Outcome> {
    return this.#send({ method: "POST", path: "/api/v0/hosts", body: JSON.stringify(input), isRepeatable: false }, undefined);
  }

  updateHost(id: string, input: JsonObject): Promise<Outcome> {
    return this.#call("PUT", `/api/v0/hosts/${encodeURIComponent(id)}`, input);
  }

  findHost(id: string): Promise<Outcome> {
    return this.#call("GET", `/api/v0/hosts/${encodeURIComponent(id)}`);
  }

  /** Hosts of any status by name or custom identifier. */
  listHosts(by: "name" | "customIdentifier", value: string): Promise<Outcome> {
    const statuses = ["working", "standby", "maintenance", "poweroff"].map((status) => `&status=${status}`).join("");
    return this.#call("GET", `/api/v0/hosts?${by}=${encodeURIComponent(value)}${statuses}`);
  }

  setStatus(id: string, status: string, within?: Millis): Promise<Outcome> {
    return this.#call("POST", `/api/v0/hosts/${encodeURIComponent(id)}/status`, { status }, within);
  }

  retireHost(id: string): Promise<Outcome> {
    return this.#call("POST", `/api/v0/hosts/${encodeURIComponent(id)}/retire`, null);
  }

  createGraphDefinitions(definitions: readonly JsonObject[]): Promise<Outcome> {
    return this.#call("POST", "/api/v0/graph-defs/create", definitions);
  }

  /** @param body a JSON array of points, already written out */
  postMetrics(body: string, within?: Millis): Promise<Outcome> {
    return this.#send({ method: "POST", path: "/api/v0/tsdb", body }, within);
  }

  /** @param body a JSON array of points without hosts, already written out */
  postServiceMetrics(service: string, body: string, within?: Millis): Promise<Outcome> {
    return this.#send({ method: "POST", path: `/api/v0/services/${encodeURIComponent(service)}/tsdb`, body }, within);
  }

  /** Results of checks, at most 100. */
  postReports(reports: readonly JsonObject[], within?: Millis): Promise<Outcome> {
    return this.#call("POST", "/api/v0/monitoring/checks/report", { reports }, within);
  }

  /** @param body a JSON value, already written out */
  putMetadata(hostId: string, namespace: string, body: string): Promise<Outcome> {
    return this.#send(
      { method: "PUT", path: `/api/v0/hosts/${encodeURIComponent(hostId)}/metadata/${encodeURIComponent(namespace)}`, body },
      undefined,
    );
  }

  /** The organisation of the key: its name stands in the paths below. */
  findOrganisation(): Promise<Outcome> {
    return this.#call("GET", "/api/v0/org");
  }

  /** What to probe from a host. The answer may be held back for `hold` seconds while nothing differs from `known`. */
  fetchProbes(place: ProbePlace, { known, hold }: { readonly known: string; readonly hold: number }): Promise<Outcome> {
    const query = `known=${encodeURIComponent(known)}&hold=${hold}`;
    return this.#call("GET", `${probePath(place)}/probes?${query}`, undefined, seconds(hold + 15));
  }

  /** What probes found, at most 100. */
  postProbeResults(place: ProbePlace, results: readonly unknown[], within?: Millis): Promise<Outcome> {
    return this.#call("POST", `${probePath(place)}/probe-results`, { results }, within);
  }

  /** What a probe found so far that somebody asked for. */
  reportProbeRun(place: ProbePlace, run: string, found: object): Promise<Outcome> {
    return this.#call("POST", `${probePath(place)}/probe-runs/${encodeURIComponent(run)}`, found);
  }

  close(): void {
    this.#http.close();
  }

  #call(method: HttpRequest["method"], path: string, body?: unknown, within?: Millis): Promise<Outcome> {
    return this.#send(body === undefined ? { method, path } : { method, path, body: JSON.stringify(body) }, within);
  }

  async #send(request: Omit<HttpRequest, "headers">, within: Millis | undefined): Promise<Outcome> {
    try {
      return judge(await this.#http.send({ ...request, headers: this.#headers, ...(within === undefined ? {} : { within }) }));
    } catch (error) {
      return { kind: "away", why: messageOf(error), retryAfter: undefined };
    }
  }
}

/** What a reply means. A 2xx without JSON is a proxy's page, not the server's word: nothing may be forgotten on it. */
export function judge(reply: HttpReply): Outcome {
  const { status } = reply;
  const value = parseJson(reply.text);
  if (status >= 200 && status < 300) {
    if (value !== undefined) return { kind: "ok", value };
    return {
      kind: "away",
      why: `The answer ${status} holds no JSON: is something else answering at this address?`,
      retryAfter: undefined,
    };
  }
  const why = `${status}${reason(value)}`;
  if (status === 401 || status === 403) return { kind: "denied", status, why };
  if (status >= 500 || status === 408 || status === 429) return { kind: "away", why, retryAfter: retryAfter(reply) };
  const target = reply.headers["location"];
  if (status >= 300 && status < 400)
    return { kind: "refused", status, why: `${status}, moved to ${String(target)}: set \`server\` to that address` };
  return { kind: "refused", status, why };
}

/** The server's own sentence, in Mackerel's shape (`error.message`) or as problem details (`detail`, `title`). */
function reason(value: unknown): string {
  if (!isJsonObject(value)) return "";
  const { error } = value;
  const text = isJsonObject(error) ? error["message"] : (error ?? value["detail"] ?? value["title"]);
  return typeof text === "string" ? `: ${text.slice(0, 300)}` : "";
}

/** `Retry-After` in seconds, at most an hour; the form with a date is not used by any known server of this API. */
function retryAfter(reply: HttpReply): Millis | undefined {
  const header = reply.headers["retry-after"];
  const value = typeof header === "string" && /^\d+$/u.test(header) ? seconds(Number(header)) : undefined;
  return value === undefined ? undefined : millis(Math.min(value, hours(1)));
}

/** The host in `{host}` or in a list, or undefined when the answer has another shape. */
export function parseHost(value: unknown): HostRecord | undefined {
  if (!isJsonObject(value) || typeof value["id"] !== "string" || value["id"] === "") return undefined;
  const { id, name, status, isRetired, meta } = value;
  return {
    id,
    name: typeof name === "string" ? name : "",
    status: typeof status === "string" ? status : "",
    isRetired: isRetired === true,
    meta: isJsonObject(meta) ? meta : {},
  };
}

/** The hosts of `{hosts:[…]}`. */
export function parseHosts(value: unknown): readonly HostRecord[] {
  const list = isJsonObject(value) && Array.isArray(value["hosts"]) ? value["hosts"] : [];
  return list.map(parseHost).filter((host) => host !== undefined);
}
