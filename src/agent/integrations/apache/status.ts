import { HinobanError } from "#base/errors";
import type { Figures } from "../common/graphs.ts";

/** Keys of mod_status and the figures that they become. */
const keys: Readonly<Record<string, string>> = {
  "Total Accesses": "requests",
  "Total kBytes": "kbytes",
  CPULoad: "cpu_load",
  BusyWorkers: "busy_workers",
  IdleWorkers: "idle_workers",
  ConnsTotal: "conns_total",
  ConnsAsyncWriting: "conns_writing",
  ConnsAsyncKeepAlive: "conns_keep_alive",
  ConnsAsyncClosing: "conns_closing",
  ServerUptimeSeconds: "uptime",
  "Total Duration": "duration",
};

/** What a worker does, as the scoreboard writes it. Apache's `.` (a free slot) is nothing in the name, as mackerel-plugin-apache2 has it. */
export const scores: Readonly<Record<string, string>> = {
  _: "Waiting for connection",
  S: "Starting up",
  R: "Reading request",
  W: "Sending reply",
  K: "Keepalive",
  D: "DNS lookup",
  C: "Closing connection",
  L: "Logging",
  G: "Gracefully finishing",
  I: "Idle cleanup",
  "": "Open slot",
};

const longestPage = 1024 * 1024;

/**
 * The page of `server-status?auto`. Without `ExtendedStatus` it has workers and scoreboard only.
 * Source: https://httpd.apache.org/docs/2.4/mod/mod_status.html
 * @throws HinobanError "invalid-input" for a page without workers
 */
export function parseServerStatus(text: string): Figures {
  const figures: Record<string, number> = {};
  let scoreboard: string | undefined;
  for (const line of text.slice(0, longestPage).split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    const key = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1).trim();
    if (key === "Scoreboard") scoreboard = value;
    const name = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (name !== undefined && /^(?:\d{1,15}(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?$/iu.test(value)) figures[name] = Number(value);
  }
  if (figures["busy_workers"] === undefined || figures["idle_workers"] === undefined)
    throw new HinobanError(
      "invalid-input",
      "The answer is no page of server-status?auto. Does `url` name the location of mod_status, with ?auto?",
    );
  return scoreboard === undefined ? figures : { ...figures, ...countScores(scoreboard) };
}

function countScores(scoreboard: string): Figures {
  const counts: Record<string, number> = {};
  for (const score of Object.keys(scores)) counts[`score-${score}`] = 0;
  for (const mark of scoreboard) {
    const name = `score-${mark === "." ? "" : mark}`;
    const count = counts[name];
    if (count !== undefined) counts[name] = count + 1;
  }
  return counts;
}
