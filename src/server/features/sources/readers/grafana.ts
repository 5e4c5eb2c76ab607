import { namesOfInstance, severityOfWord, type Item, type Reading, type ReaderSettings } from "../model.ts";
import { readAlertmanager } from "./alertmanager.ts";
import { isObject, linksOf, textOf, textsOf, type Json } from "./json.ts";

/** Reads the webhook of Grafana: unified alerting, and the older one of one rule a message (`ruleId`, `state`), which ended with Grafana 11. */
export function readGrafana(body: unknown, settings: ReaderSettings): Reading {
  if (!isObject(body) || body["ruleId"] === undefined || Array.isArray(body["alerts"])) return readAlertmanager(body, settings);
  const state = textOf(body["state"]);
  if (!["alerting", "ok", "no_data", "paused", "pending"].includes(state))
    return { kind: "unread", why: `state: must be alerting, ok, no_data, paused or pending, not "${state}"` };
  if (state === "pending" || state === "paused") return { kind: "ignored", why: `the rule is ${state}` };
  return { kind: "items", truncated: 0, items: [itemOf(body, state, settings)] };
}

function itemOf(body: Json, state: string, { defaultSeverity }: ReaderSettings): Item {
  const name = textOf(body["ruleName"]) || textOf(body["title"]) || "Grafana";
  const tags = textsOf(body["tags"]);
  return {
    key: `rule:${textOf(body["ruleId"])}`,
    isOpen: state !== "ok",
    startedAt: 0,
    severity: severityOfWord(tags["severity"] ?? "") ?? defaultSeverity,
    name,
    message: textOf(body["message"]) || (state === "no_data" ? `${name}: no data` : name),
    hostNames: [tags["host"], tags["instance"]].flatMap((text) => namesOfInstance(text ?? "")),
    detail: { labels: tags, links: linksOf({ generatorURL: body["ruleUrl"] }) },
  };
}
