import { unixSeconds, type UnixSeconds } from "#base/duration";
import { isJsonObject, type JsonObject } from "./json.ts";

/** A value that does not simply belong to this host at the running minute. */
export interface ExtraPoint {
  readonly name: string;
  readonly time: UnixSeconds;
  readonly value: number;
  /** The custom identifier of the host it belongs to. Absent: this host. */
  readonly host?: string;
  /** The service it belongs to, instead of a host. */
  readonly service?: string;
}

/** How a host that the server does not know yet shall be made. */
export interface HostToMake {
  readonly name: string;
  readonly roles?: readonly string[];
  readonly memo?: string;
  readonly meta?: JsonObject;
}

/** A point as a file of the spool holds it. */
export function parseExtraPoint(value: unknown): ExtraPoint | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, time, value: number, host, service } = value;
  if (typeof name !== "string" || typeof time !== "number" || typeof number !== "number") return undefined;
  return {
    name,
    time: unixSeconds(time),
    value: number,
    ...(typeof host === "string" ? { host } : {}),
    ...(typeof service === "string" ? { service } : {}),
  };
}
