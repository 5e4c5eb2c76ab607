import type { SourceKind } from "#wire/sources";
import type { Reading, ReaderSettings } from "../model.ts";
import { readAlertmanager } from "./alertmanager.ts";
import { readGeneric } from "./generic.ts";
import { readGrafana } from "./grafana.ts";
import { readMackerel } from "./mackerel.ts";
import { readOpsgenie } from "./opsgenie.ts";
import { readPagerDuty } from "./pagerduty.ts";
import { readZabbix } from "./zabbix.ts";

/** Kinds of which messages are posted as JSON. */
export type ReadKind = Exclude<SourceKind, "heartbeat" | "mail">;

const readers: Readonly<Record<ReadKind, (body: unknown, settings: ReaderSettings) => Reading>> = {
  alertmanager: readAlertmanager,
  grafana: readGrafana,
  zabbix: readZabbix,
  mackerel: readMackerel,
  generic: readGeneric,
  pagerduty: readPagerDuty,
  opsgenie: readOpsgenie,
};

/** Reads a message of a product. Never throws: what cannot be read is `unread` and says why. */
export function readMessage(kind: ReadKind, text: string, settings: ReaderSettings): Reading {
  let body: unknown;
  try {
    body = JSON.parse(text, plain);
  } catch {
    return { kind: "unread", why: text.trim() === "" ? "the message is empty" : "the message is not JSON" };
  }
  return readers[kind](body, settings);
}

/** PostgreSQL's texts hold no NUL and no half of a surrogate pair; one label with such a thing must not lose a whole message. */
const plain = (_key: string, value: unknown): unknown =>
  typeof value === "string" && odd.test(value) ? value.replaceAll(odds, "\uFFFD") : value;
const odd = /[\0\p{Surrogate}]/u;
const odds = /[\0\p{Surrogate}]/gu;
