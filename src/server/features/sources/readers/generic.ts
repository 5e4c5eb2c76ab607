import { mostItems, severityOfWord, type Item, type Reading, type ReaderSettings } from "../model.ts";
import type { Mapping } from "#wire/sources";
import { atPointer, filled, textOf } from "./json.ts";

/** Reads any JSON by the mapping that somebody wrote for it. */
export function readGeneric(body: unknown, settings: ReaderSettings): Reading {
  const { mapping } = settings;
  if (!mapping) return { kind: "unread", why: "the source has no mapping yet" };
  const found = mapping.items === undefined ? [body] : atPointer(body, mapping.items);
  if (!Array.isArray(found)) return { kind: "unread", why: `${mapping.items ?? ""}: there is no list in the message` };
  if (found.length > mostItems) return { kind: "unread", why: `${mapping.items ?? ""}: at most ${mostItems} entries in one message` };
  const items = (found as readonly unknown[]).map((entry) => itemOf(entry, mapping, settings)); // entries may be anything
  const missing = items.findIndex((item) => item.key === "");
  if (missing >= 0) return { kind: "unread", why: `key: ${mapping.key} finds nothing${items.length > 1 ? ` in entry ${missing}` : ""}` };
  return items.length === 0 ? { kind: "ignored", why: "the list is empty" } : { kind: "items", items, truncated: 0 };
}

function itemOf(entry: unknown, mapping: Mapping, { defaultSeverity }: ReaderSettings): Item {
  const at = (pointer: string): string => textOf(atPointer(entry, pointer)).trim();
  const word = mapping.severity ? at(mapping.severity.at).toLowerCase() : "";
  const closing = mapping.closes ? at(mapping.closes.at).toLowerCase() : undefined;
  const name = filled(mapping.name, entry).trim();
  const message = filled(mapping.message, entry).trim();
  const host = filled(mapping.host ?? "", entry).trim();
  return {
    key: filled(mapping.key, entry).trim(),
    isOpen: closing === undefined || !mapping.closes?.values.some((value) => value.trim().toLowerCase() === closing),
    startedAt: 0,
    severity: mapping.severity?.values[word] ?? severityOfWord(word) ?? defaultSeverity,
    name: name === "" ? "alert" : name,
    message: message === "" ? name : message,
    hostNames: host === "" ? [] : [host],
    detail: {},
  };
}
