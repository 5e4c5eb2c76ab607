import { mostItems, namesOfInstance, severityOfWord, type Item, type Reading, type ReaderSettings } from "../model.ts";
import { isObject, linksOf, textOf, textsOf, timeOf, type Json } from "./json.ts";

/**
 * Reads the webhook of Alertmanager (version 4, https://prometheus.io/docs/alerting/latest/configuration/#webhook_config) and of Grafana's
 * alerting, which sends the same with more members. Each alert is judged by its own status: the group's stays `firing` while one of them is.
 */
export function readAlertmanager(body: unknown, settings: ReaderSettings): Reading {
  const alerts = isObject(body) ? body["alerts"] : undefined;
  if (!isObject(body) || !Array.isArray(alerts))
    return { kind: "unread", why: "alerts: must be a list, as Alertmanager and Grafana send it" };
  if (alerts.length > mostItems) return { kind: "unread", why: `alerts: at most ${mostItems} in one message` };
  const items = (alerts as readonly unknown[]).filter(isObject).map((alert) => itemOf(alert, settings)); // entries may be anything
  if (items.length === 0) return { kind: "ignored", why: "no alerts in it" };
  if (items.every((item) => item.detail["isTest"] === true)) return { kind: "test" };
  const truncated = Number(textOf(body["truncatedAlerts"]) || 0);
  return { kind: "items", items, truncated: Number.isSafeInteger(truncated) && truncated > 0 ? truncated : 0 };
}

/** Whoever writes rules chooses where the text stands. */
const sentenceOf = (annotations: Texts): string =>
  ["summary", "title", "message", "description"].map((name) => annotations[name] ?? "").find((text) => text !== "") ?? "";

const hostLabels = ["host", "hostname", "node", "nodename", "instance"];

type Texts = Readonly<Record<string, string>>;

function itemOf(alert: Json, { defaultSeverity }: ReaderSettings): Item {
  const labels = textsOf(alert["labels"]);
  const annotations = textsOf(alert["annotations"]);
  const name = labels["alertname"] ?? "alert";
  const { generatorURL, dashboardURL, panelURL, silenceURL } = alert;
  return {
    key: textOf(alert["fingerprint"]) || JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    isOpen: alert["status"] !== "resolved",
    startedAt: timeOf(alert["startsAt"]),
    severity: severityOfWord(labels["severity"] ?? labels["priority"] ?? "") ?? defaultSeverity,
    name,
    message: sentenceOf(annotations) || name,
    hostNames: hostLabels.flatMap((label) => namesOfInstance(labels[label] ?? "")),
    detail: {
      labels,
      annotations,
      links: linksOf({ generatorURL, dashboardURL, panelURL, silenceURL }),
      ...optional("valueString", textOf(alert["valueString"])),
      // What the test button of Grafana sends.
      ...(name === "TestAlert" && labels["instance"] === "Grafana" ? { isTest: true } : {}),
    },
  };
}

const optional = (name: string, text: string): Record<string, string> => (text === "" ? {} : { [name]: text });
