import { createHash } from "node:crypto";
import { namesOfInstance, severityOfWord, type Item, type Reading, type ReaderSettings } from "../model.ts";
import { isObject, linksOf, textOf, textsOf, timeOf, type Json } from "./json.ts";

const longestKey = 255;

/**
 * Reads what is sent to PagerDuty's Events API v2 (developer.pagerduty.com/docs/send-alert-event): `event_action`, `dedup_key`, `payload`.
 * Tools that send there can send here.
 */
export function readPagerDuty(body: unknown, settings: ReaderSettings): Reading {
  if (!isObject(body)) return { kind: "unread", why: "must be a JSON object with event_action and payload" };
  const action = textOf(body["event_action"]);
  const payload = isObject(body["payload"]) ? body["payload"] : {};
  // What is only told and never resolved comes without an action.
  if (action === "" && textOf(payload["summary"]) !== "") return { kind: "ignored", why: "a change event opens no alert" };
  if (action === "acknowledge") return { kind: "ignored", why: "acknowledged there: here, somebody takes the incident" };
  const key = pagerDutyKey(body);
  if (action === "resolve") {
    if (key === undefined) return { kind: "unread", why: "dedup_key: must be given to resolve something" };
    return { kind: "items", items: [itemOf(payload, key, false, settings, body)], truncated: 0 };
  }
  if (action !== "trigger") return { kind: "unread", why: `event_action: must be trigger, acknowledge or resolve, not "${action}"` };
  if (key === undefined) return { kind: "unread", why: "payload.summary: must say what it is about" };
  return { kind: "items", items: [itemOf(payload, key, true, settings, body)], truncated: 0 };
}

/** The sender's key, or for what is triggered without one, a key of what it says: the same again is the same alert. */
export function pagerDutyKey(body: Json): string | undefined {
  const given = textOf(body["dedup_key"]).slice(0, longestKey);
  if (given !== "") return given;
  const payload = isObject(body["payload"]) ? body["payload"] : {};
  const parts = ["source", "component", "group", "class", "summary"].map((name) => textOf(payload[name]));
  if (textOf(payload["summary"]) === "" || body["event_action"] !== "trigger") return undefined;
  return createHash("sha256").update(parts.join("\0"), "utf8").digest("hex").slice(0, 32);
}

function itemOf(payload: Json, key: string, isOpen: boolean, { defaultSeverity }: ReaderSettings, body: Json): Item {
  const summary = textOf(payload["summary"]) || key;
  const links = (Array.isArray(body["links"]) ? (body["links"] as readonly unknown[]) : []).filter(isObject); // entries may be anything
  const named = Object.fromEntries(links.map((link, index) => [textOf(link["text"]) || `link ${index + 1}`, link["href"]]));
  return {
    key,
    isOpen,
    startedAt: isOpen ? timeOf(payload["timestamp"]) : 0,
    severity: severityOfWord(textOf(payload["severity"])) ?? defaultSeverity,
    name: summary,
    message: summary,
    hostNames: namesOfInstance(textOf(payload["source"])),
    detail: {
      labels: {
        ...textsOf(payload["custom_details"]),
        ...textsOf({ component: payload["component"], group: payload["group"], class: payload["class"] }),
      },
      links: linksOf({ ...named, client: body["client_url"] }),
    },
  };
}
