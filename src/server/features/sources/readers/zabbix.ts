import type { Severity } from "#wire/alerting";
import type { Item, Reading } from "../model.ts";
import { isObject, textOf } from "./json.ts";

/** Zabbix's severities, 0 not classified … 5 disaster. */
const severities: readonly Severity[] = ["warning", "information", "warning", "error", "critical", "critical"];

/** Zabbix leaves a macro that has no value as it is written: `{EVENT.RECOVERY.ID}`. */
const macro = /^\{[A-Z0-9_.#$:"' -]+\}$/u;

/**
 * Reads what our script for a media type of Zabbix 6 and 7 posts (`event_id`, `event_value`, …; the guide shows it). A recovery names the
 * event that it ends, so the key is the event and not the trigger, which may have several problems at once.
 */
export function readZabbix(body: unknown): Reading {
  if (!isObject(body)) return { kind: "unread", why: "must be a JSON object with event_id and event_value" };
  const text = (name: string): string => {
    const value = textOf(body[name]).trim();
    return macro.test(value) ? "" : value;
  };
  const eventId = text("event_id");
  const value = text("event_value");
  if (eventId === "" && text("event_name") === "") return { kind: "test" }; // Zabbix' own test button fills in no macros
  if (!/^\d{1,20}$/u.test(eventId)) return { kind: "unread", why: `event_id: must be a number, not "${eventId}"` };
  if (value !== "0" && value !== "1")
    return { kind: "unread", why: `event_value: must be 1 for a problem or 0 for a recovery, not "${value}"` };
  if (value === "1" && text("update_status") === "1")
    return { kind: "ignored", why: "somebody wrote to the problem in Zabbix; it goes on" };
  return { kind: "items", truncated: 0, items: [itemOf(text, eventId, value === "1")] };
}

function itemOf(text: (name: string) => string, key: string, isOpen: boolean): Item {
  const host = text("host");
  const name = text("event_name") || `trigger ${text("trigger_id")}`;
  return {
    key,
    isOpen,
    startedAt: 0,
    severity: severities[Number(text("nseverity") || 0)] ?? "warning",
    name,
    message: host === "" ? name : `${host}: ${name}`,
    hostNames: [host, text("host_name"), text("host_ip")].filter((one) => one !== ""),
    detail: { labels: { ...tagsOf(text("tags")), trigger_id: text("trigger_id") }, text: text("message") },
  };
}

/** Tags come as JSON text inside the JSON: `[{"tag":"service","value":"web"}]`. */
function tagsOf(text: string): Record<string, string> {
  try {
    const tags: unknown = JSON.parse(text);
    if (!Array.isArray(tags)) return {};
    return Object.fromEntries((tags as readonly unknown[]).filter(isObject).map((tag) => [textOf(tag["tag"]), textOf(tag["value"])])); // entries may be anything
  } catch {
    return {};
  }
}
