import type { Clock } from "#base/clock";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Facts beside the sentence; never a secret. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

export type Log = Readonly<Record<LogLevel, (sentence: string, facts?: LogFacts) => void>>;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** A log that writes one line per event, `2026-11-22T01:02:03Z warn sentence key=value`, for the person on duty and for journald. */
export function createLog(write: (text: string) => void, clock: Clock, least: LogLevel = "info"): Log {
  const at = (level: LogLevel) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return () => undefined;
    return (sentence: string, facts: LogFacts = {}): void => {
      const time = new Date(clock.now()).toISOString().replace(/\.\d+Z$/u, "Z");
      write(`${time} ${level} ${oneLine(sentence)}${formatFacts(facts)}\n`);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function formatFacts(facts: LogFacts): string {
  let text = "";
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    const shown = oneLine(String(value));
    text += ` ${key}=${/[\s"=]/u.test(shown) || shown === "" ? JSON.stringify(shown) : shown}`;
  }
  return text;
}

/** A server's answer or a file name may hold line breaks or terminal codes: a log line must stay one line. */
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/gu, " ");
