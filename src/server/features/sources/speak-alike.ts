import { randomUUID } from "node:crypto";
import type { FastifyReply } from "fastify";
import type { SourceKind } from "#wire/sources";
import { isObject, type Json } from "./readers/json.ts";
import { opsgenieKey } from "./readers/opsgenie.ts";
import { pagerDutyKey } from "./readers/pagerduty.ts";
import type { Taken } from "./take-signal.ts";

/** The paths below a source's address that PagerDuty's and Opsgenie's clients put behind the base that they are given. */
export const clientPaths = [
  "/v2/enqueue",
  "/v2/change/enqueue",
  "/v2/alerts",
  "/v2/alerts/:identifier",
  "/v2/alerts/:identifier/:act",
] as const;

function jsonIn(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export interface OfPath {
  readonly method: string;
  readonly identifier: string | undefined;
  readonly act: string | undefined;
}

/**
 * The message as its reader wants it: with what Opsgenie's clients say by path and method. What must not be kept, the key by which it was
 * let in, is left out.
 */
export function messageOf(kind: SourceKind, text: string, { method, identifier, act }: OfPath): string {
  if (kind === "pagerduty") return text.replace(/("routing_key"\s*:\s*")[^"]*"/u, '$1…"');
  if (kind !== "opsgenie" || identifier === undefined) return text;
  const { action: _action, alert: _alert, ...body } = jsonIn(text);
  return JSON.stringify({ ...body, action: act ?? (method === "DELETE" ? "delete" : "update"), alias: identifier });
}

/** Answers as the service would whose client asks; undefined for other kinds. */
export function answerAlike(kind: SourceKind, reply: FastifyReply, taken: Taken, text: string): FastifyReply | undefined {
  const body = jsonIn(text);
  if (kind === "pagerduty") {
    const isFine = taken.effect !== "unread";
    const status = isFine ? "success" : "invalid event";
    const key = pagerDutyKey(body);
    const message = isFine ? "Event processed" : `Event object is invalid: ${taken.problem ?? ""}`;
    return reply.code(202).send({ status, message, ...(key === undefined ? {} : { dedup_key: key }) });
  }
  if (kind !== "opsgenie") return undefined;
  const result = taken.effect === "unread" ? `Request will be processed, but: ${taken.problem ?? ""}` : "Request will be processed";
  const alias = opsgenieKey(body);
  return reply.code(202).send({ result, took: 0.001, requestId: randomUUID(), ...(alias === undefined ? {} : { data: { alias } }) });
}
