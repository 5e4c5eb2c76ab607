import { isJsonObject } from "../json.ts";
import type { ProbeSpec } from "#wire/probe-specs";

/** What the server wants probed again and again. */
export interface Assignment {
  readonly monitorId: string;
  readonly version: number;
  readonly intervalSeconds: number;
  readonly spec: ProbeSpec;
}

/** What somebody wants probed at once. */
export interface Order {
  readonly id: string;
  readonly spec: ProbeSpec;
}

/** The server's answer to the question what to probe. */
export interface Assigned {
  readonly version: string;
  /** Undefined: as before. */
  readonly probes: readonly Assignment[] | undefined;
  readonly orders: readonly Order[];
  readonly holdSeconds: number;
}

const mostAssignments = 1000;

/** Reads the server's answer. What is not understood is left out: the server may be newer. @returns undefined for another shape */
export function parseAssigned(value: unknown): Assigned | undefined {
  if (!isJsonObject(value) || typeof value["version"] !== "string") return undefined;
  const { version, probes, orders, holdSeconds } = value;
  return {
    version,
    probes: Array.isArray(probes) ? probes.slice(0, mostAssignments).flatMap((item: unknown) => parseAssignment(item) ?? []) : undefined,
    orders: Array.isArray(orders) ? orders.slice(0, 20).flatMap((item: unknown) => parseOrder(item) ?? []) : [],
    holdSeconds: typeof holdSeconds === "number" && holdSeconds > 0 ? Math.min(holdSeconds, 30) : 0,
  };
}

function parseAssignment(value: unknown): Assignment | undefined {
  if (!isJsonObject(value)) return undefined;
  const { monitorId, version, intervalSeconds } = value;
  const spec = parseSpec(value["spec"]);
  if (typeof monitorId !== "string" || typeof version !== "number" || typeof intervalSeconds !== "number" || !spec) return undefined;
  return { monitorId, version, intervalSeconds: Math.min(Math.max(intervalSeconds, 10), 3600), spec };
}

function parseOrder(value: unknown): Order | undefined {
  const spec = isJsonObject(value) ? parseSpec(value["spec"]) : undefined;
  return isJsonObject(value) && typeof value["id"] === "string" && spec ? { id: value["id"], spec } : undefined;
}

const kinds: ReadonlySet<unknown> = new Set(["http", "ping", "tcp", "dns", "smtp", "imap", "pop3", "ldap", "ssh", "path"]);

function parseSpec(value: unknown): ProbeSpec | undefined {
  if (!isJsonObject(value) || !kinds.has(value["kind"])) return undefined;
  const target = value["kind"] === "http" ? value["url"] : value["kind"] === "dns" ? value["name"] : value["host"];
  // The server checked all of it against its schema; what an own server sends is believed besides.
  return typeof target === "string" ? (value as unknown as ProbeSpec) : undefined; // see above
}
