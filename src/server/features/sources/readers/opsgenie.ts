import { createHash } from "node:crypto";
import { namesOfInstance, severityOfWord, type Item, type Reading, type ReaderSettings } from "../model.ts";
import { isObject, textOf, textsOf, type Json } from "./json.ts";

const longestAlias = 512;
const closing = new Set(["close", "delete", "resolve"]);
const opening = new Set(["", "create"]);

/**
 * Reads what is sent to Opsgenie's alert API, with the act of its path as `action`, and what Opsgenie's own webhook posts
 * (`action`, `alert`). Acts that neither open nor close are understood and do nothing.
 */
export function readOpsgenie(body: unknown, settings: ReaderSettings): Reading {
  if (!isObject(body)) return { kind: "unread", why: "must be a JSON object with message" };
  const action = textOf(body["action"]).toLowerCase();
  const alert = isObject(body["alert"]) ? body["alert"] : body;
  const isOpen = opening.has(action);
  if (!isOpen && !closing.has(action)) return { kind: "ignored", why: `${action}: neither opens nor closes an alert` };
  const key = opsgenieKey(alert);
  if (key === undefined) return { kind: "unread", why: isOpen ? "message: must be given" : "alias: must be given to close an alert" };
  return { kind: "items", items: [itemOf(alert, key, isOpen, settings)], truncated: 0 };
}

/** The alias, which Opsgenie holds equal for equal alerts; without one a key of what is said. */
export function opsgenieKey(alert: Json): string | undefined {
  const given = (textOf(alert["alias"]) || textOf(alert["alertId"])).slice(0, longestAlias);
  if (given !== "") return given;
  const parts = ["entity", "message"].map((name) => textOf(alert[name]));
  return parts[1] === "" ? undefined : createHash("sha256").update(parts.join("\0"), "utf8").digest("hex").slice(0, 32);
}

function itemOf(alert: Json, key: string, isOpen: boolean, { defaultSeverity }: ReaderSettings): Item {
  const message = textOf(alert["message"]) || key;
  const tags = Array.isArray(alert["tags"])
    ? (alert["tags"] as readonly unknown[]).filter((tag) => typeof tag === "string").join(", ")
    : ""; // entries may be anything
  const description = textOf(alert["description"]).trim();
  return {
    key,
    isOpen,
    startedAt: 0,
    severity: severityOfWord(textOf(alert["priority"])) ?? defaultSeverity,
    name: message,
    message: description === "" ? message : description,
    hostNames: [alert["entity"], alert["source"]].flatMap((name) => namesOfInstance(textOf(name))),
    detail: { labels: { ...textsOf(alert["details"]), ...(tags === "" ? {} : { tags }) }, text: description },
  };
}
