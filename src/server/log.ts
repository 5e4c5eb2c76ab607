import { pino, type DestinationStream, type Logger } from "pino";
import type { Settings } from "./config.ts";

/** What parts outside the HTTP layer log through: facts first, then a sentence for the person on duty. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** The process's logger: JSON lines for machines, short lines on a terminal. */
export function createLogger(settings: Pick<Settings, "logLevel" | "logFormat">, out: NodeJS.WriteStream): Logger {
  const isText = settings.logFormat === "text" || (settings.logFormat === "auto" && out.isTTY);
  const stream: DestinationStream = { write: (line) => void out.write(isText ? asText(line) : line) };
  return pino(
    {
      level: settings.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}

/** `12:34:56 warn  message key=value …` of one JSON line. */
function asText(line: string): string {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>; // pino wrote it
  const rest = Object.entries(facts).map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}${rest.join("")}\n`;
}
