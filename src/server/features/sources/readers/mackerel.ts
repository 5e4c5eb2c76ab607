import type { Severity } from "#wire/alerting";
import type { Item, Reading } from "../model.ts";
import { isObject, linksOf, textOf, type Json } from "./json.ts";

const severities: ReadonlyMap<string, Severity> = new Map([
  ["critical", "critical"],
  ["unknown", "error"],
  ["warning", "warning"],
  ["ok", "information"],
]);

/** Reads Mackerel's webhook (https://mackerel.io/docs/entry/howto/alerts/webhook): alerts are taken, the other events are not for those on duty. */
export function readMackerel(body: unknown): Reading {
  if (!isObject(body)) return { kind: "unread", why: "must be a JSON object with event and alert" };
  const event = textOf(body["event"]);
  if (event === "sample") return { kind: "test" };
  if (event === "") return { kind: "unread", why: "event: must be given" };
  if (event !== "alert") return { kind: "ignored", why: `the event ${event} is no alert` };
  const { alert } = body;
  if (!isObject(alert) || textOf(alert["id"]) === "") return { kind: "unread", why: "alert.id: must be given" };
  if (typeof alert["isOpen"] !== "boolean") return { kind: "unread", why: "alert.isOpen: must be true or false" };
  return { kind: "items", truncated: 0, items: [itemOf(body, alert, alert["isOpen"])] };
}

function itemOf(body: Json, alert: Json, isOpen: boolean): Item {
  const host = isObject(body["host"]) ? body["host"] : {};
  const name = textOf(alert["monitorName"]) || textOf(body["type"]) || "Mackerel";
  return {
    key: textOf(alert["id"]),
    isOpen,
    startedAt: 0,
    severity: severities.get(textOf(alert["status"]).toLowerCase()) ?? "error",
    name,
    message: [textOf(host["name"]), textOf(body["message"]) || name].filter((text) => text !== "").join(": "),
    hostNames: [textOf(host["id"]), textOf(host["name"])].filter((text) => text !== ""),
    detail: { labels: { orgName: textOf(body["orgName"]), type: textOf(body["type"]) }, links: linksOf({ generatorURL: alert["url"] }) },
  };
}
