import { millis, unixMs, type Millis, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";

/** What a client says about itself. 6.0's C agent tells no version. */
export interface Client {
  readonly version: string | undefined;
  /** 1 = agent, 2 = agent 2; told since 7.0. */
  readonly variant: number | undefined;
}

/** An agent asks which items it shall watch. */
export interface ActiveChecks extends Client {
  readonly kind: "active checks";
  readonly host: string;
  readonly metadata: string | undefined;
  /** Where the agent says that it listens. */
  readonly ip: string | undefined;
  /** The revision of the list that it has; undefined for clients that know none. */
  readonly revision: number | undefined;
}

/** One value, as an agent or `zabbix_sender` sends it. */
export interface ItemValue {
  readonly host: string;
  /** The item's key, or the number that the list of items gave it. */
  readonly item: string | number;
  /** Undefined for a log item that only tells how far it read. */
  readonly text: string | undefined;
  readonly isUnsupported: boolean;
  /** Undefined: now. */
  readonly at: UnixMs | undefined;
  /** Grows by one within a session. */
  readonly id: number | undefined;
}

export interface ValuesMessage extends Client {
  readonly kind: "agent data" | "sender data";
  readonly session: string | undefined;
  readonly values: readonly ItemValue[];
  /** Entries that are no values. */
  readonly malformed: number;
  /** The sender's clock when it sent. */
  readonly sentAt: UnixMs | undefined;
}

export interface Heartbeat extends Client {
  readonly kind: "heartbeat";
  readonly host: string;
  /** Until when the next one is to be expected. */
  readonly every: Millis;
}

export type Message = ActiveChecks | ValuesMessage | Heartbeat;

/** More values than any agent's largest buffer holds. */
export const mostValues = 100_000;
const longestHost = 255;
const longestKey = 2048;
const longestMetadata = 65_535;
const defaultHeartbeat = 60;

type Loose = Readonly<Record<string, unknown>>;

const isLoose = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const refuse = (message: string): HinobanError => new HinobanError("bad-request", message);

const textOf = (value: unknown, longest: number): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= longest ? value : undefined;

/** A text that people are shown: without control characters and halves of characters, which no database takes. */
const cleanOf = (value: unknown, longest: number): string | undefined =>
  // oxlint-disable-next-line no-control-regex -- exactly these are taken out
  textOf(
    textOf(value, longest)
      ?.toWellFormed()
      .replaceAll(/[\u0000-\u001f\u007f]/gu, " ")
      .trim(),
    longest,
  );

/** A number that may have come as text. */
const wholeOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && /^\d{1,16}$/u.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
};

function timeOf({ clock, ns }: Loose): UnixMs | undefined {
  const seconds = wholeOf(clock);
  if (seconds === undefined || seconds > 0xffff_ffff) return undefined;
  const nanoseconds = wholeOf(ns) ?? 0;
  return unixMs(seconds * 1000 + (nanoseconds < 1e9 ? Math.floor(nanoseconds / 1e6) : 0));
}

function clientOf(message: Loose): Client {
  return { version: cleanOf(message["version"], 64), variant: wholeOf(message["variant"]) };
}

function hostOf(message: Loose): string {
  const host = cleanOf(message["host"], longestHost);
  if (host === undefined) throw refuse("The host has no name.");
  return host;
}

/**
 * Reads a request of an agent of 4.0 to 7.0, of agent 2, or of `zabbix_sender`. Values that make no sense are only counted:
 * one of them must not keep an agent from getting rid of the others.
 * @throws "bad-request" when it is none
 */
export function readMessage(text: string): Message {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (error) {
    throw new HinobanError("bad-request", "The request is not JSON.", {}, { cause: error });
  }
  if (!isLoose(message)) throw refuse("The request is not an object.");
  switch (message["request"]) {
    case "active checks":
      return activeChecks(message);
    case "agent data":
      return values(message, "agent data");
    case "sender data":
      return values(message, "sender data");
    case "active check heartbeat":
      return {
        kind: "heartbeat",
        host: hostOf(message),
        every: millis(Math.min(wholeOf(message["heartbeat_freq"]) ?? defaultHeartbeat, 3600) * 1000),
        ...clientOf(message),
      };
    default:
      throw refuse(`The request "${textOf(message["request"], 50) ?? ""}" is not answered here.`);
  }
}

function activeChecks(message: Loose): ActiveChecks {
  return {
    kind: "active checks",
    host: hostOf(message),
    metadata: cleanOf(message["host_metadata"], longestMetadata),
    ip: cleanOf(message["ip"], 64),
    revision: wholeOf(message["config_revision"]),
    ...clientOf(message),
  };
}

function values(message: Loose, kind: ValuesMessage["kind"]): ValuesMessage {
  const given = message["data"];
  if (!Array.isArray(given)) throw refuse("The request has no values.");
  const data: readonly unknown[] = given;
  if (data.length > mostValues) throw refuse(`A request may have ${mostValues} values, but this one has ${data.length}.`);
  const common = cleanOf(message["host"], longestHost);
  const read: ItemValue[] = [];
  for (const entry of data) {
    const value = valueOf(entry, common);
    if (value) read.push(value);
  }
  return {
    kind,
    session: textOf(message["session"], 64),
    values: read,
    malformed: data.length - read.length,
    sentAt: timeOf(message),
    ...clientOf(message),
  };
}

function valueOf(entry: unknown, common: string | undefined): ItemValue | undefined {
  if (!isLoose(entry)) return undefined;
  const host = cleanOf(entry["host"], longestHost) ?? common;
  const item = textOf(entry["key"], longestKey) ?? wholeOf(entry["itemid"]);
  if (host === undefined || item === undefined) return undefined;
  const value = entry["value"];
  const isScalar = typeof value === "string" || typeof value === "number";
  if (value !== undefined && !isScalar) return undefined;
  return {
    host,
    item,
    text: isScalar ? String(value) : undefined,
    isUnsupported: wholeOf(entry["state"]) === 1,
    at: timeOf(entry),
    id: wholeOf(entry["id"]),
  };
}
