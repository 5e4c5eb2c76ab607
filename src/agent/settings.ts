import type { FieldProblem } from "#base/errors";
import { isNetwork } from "#base/ip-networks";

/** One setting: the same name in the file, as flag (`--state-dir`) and in the environment (`HINOBAN_AGENT_STATE_DIR`). */
export interface Setting {
  readonly key: string;
  readonly kind: "text" | "list" | "seconds";
  readonly help: string;
  /** Where the same setting stands in mackerel-agent's file. */
  readonly mackerel?: readonly string[];
  /** Set only by file or environment: arguments of a process can be read by every user of the machine. */
  readonly isSecret?: boolean;
  /** Says what would be right, or nothing when the value is fine. */
  readonly check?: (value: string) => string | undefined;
}

export const hostStatuses = ["working", "standby", "maintenance", "poweroff"] as const;
export type HostStatus = (typeof hostStatuses)[number];
export const isHostStatus = (value: string): value is HostStatus => hostStatuses.some((status) => status === value);

const logLevels = ["debug", "info", "warn", "error"] as const;
export const isLogLevel = (value: string): value is (typeof logLevels)[number] => logLevels.some((level) => level === value);

const oneOf = (values: readonly string[], value: string): string | undefined =>
  values.includes(value) ? undefined : `must be one of ${values.join(", ")}, not \`${value}\``;

const atMost = (length: number) => (value: string) =>
  value.length > length ? `must have at most ${length} characters, not ${value.length}` : undefined;

const roleFullName = /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}:\s?[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u;

/** Every setting of the agent. Help, validation, file, environment and the guide's table all follow this list. */
export const settings = [
  {
    key: "server",
    kind: "text",
    help: "address of the Hinoban server, for example https://hinoban.example",
    check: checkServer,
    mackerel: ["apibase"],
  },
  {
    key: "key",
    kind: "text",
    help: "API key with the rights Read and Write",
    isSecret: true,
    check: (value) => checkKey(value),
    mackerel: ["apikey"],
  },
  { key: "key_file", kind: "text", help: "file that holds the API key, instead of `key`" },
  { key: "state_dir", kind: "text", help: "folder for the host id and unsent metrics" },
  { key: "host_name", kind: "text", help: "name of this host; default: the machine's own", check: atMost(255) },
  { key: "display_name", kind: "text", help: "name shown on the screens instead of the host name", check: atMost(255) },
  { key: "memo", kind: "text", help: "note shown beside the host", check: atMost(2048) },
  { key: "custom_identifier", kind: "text", help: "identifier of your own; a host that already has it is taken over", check: atMost(255) },
  {
    key: "roles",
    kind: "list",
    help: "roles of this host as service:role; unknown ones are created",
    check: (value) => (roleFullName.test(value) ? undefined : `must look like My-Service:app, not \`${value}\``),
  },
  {
    key: "on_start",
    kind: "text",
    help: "status to set when the agent starts",
    check: (value) => oneOf(hostStatuses, value),
    mackerel: ["host_status", "on_start"],
  },
  {
    key: "on_stop",
    kind: "text",
    help: "status to set when the agent stops",
    check: (value) => oneOf(hostStatuses, value),
    mackerel: ["host_status", "on_stop"],
  },
  { key: "ca_file", kind: "text", help: "PEM file with the authority that signed the server's certificate" },
  {
    key: "http_proxy",
    kind: "text",
    help: "proxy to reach the server through, for example http://proxy.example:3128",
    isSecret: true,
    check: checkProxy,
  },
  {
    key: "probes",
    kind: "text",
    help: "`on` (default) probes for the server what its monitors ask for; `off` never does",
    check: (value) => oneOf(["on", "off"], value),
  },
  {
    key: "probe_allow",
    kind: "list",
    help: "networks that probes may reach although they are refused by default: this machine (127.0.0.0/8), link-local addresses",
    check: (value) => (isNetwork(value) ? undefined : `must look like 127.0.0.0/8, not \`${value}\``),
  },
  { key: "log_level", kind: "text", help: "debug, info (default), warn or error", check: (value) => oneOf(logLevels, value) },
  {
    key: "first_interval",
    kind: "seconds",
    help: "seconds until the first metrics go out after a start; default 3",
    check: checkFirstInterval,
  },
] as const satisfies readonly Setting[];

export type SettingKey = (typeof settings)[number]["key"];

export const isSettingKey = (key: string): key is SettingKey => settings.some((setting) => setting.key === key);

export const flagOf = (key: string): string => key.replaceAll("_", "-");
export const environmentOf = (key: string): string => `HINOBAN_AGENT_${key.toUpperCase()}`;

function checkServer(value: string): string | undefined {
  if (!URL.canParse(value)) return `must be an address like https://hinoban.example, not \`${value}\``;
  const url = new URL(value);
  if (url.protocol !== "http:" && url.protocol !== "https:") return `must begin with http:// or https://, not ${url.protocol}//`;
  if (url.username !== "" || url.password !== "") return "must not hold a user or password; the API key stands in `key`";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return `must end after the host: the API lives at its root. Write ${url.origin}`;
  return undefined;
}

function checkProxy(value: string): string | undefined {
  return URL.canParse(value) && new URL(value).protocol === "http:" ? undefined : "must be an address like http://proxy.example:3128";
}

// It becomes an HTTP header.
const checkKey = (value: string): string | undefined =>
  /^[\u0021-\u007e]{1,512}$/u.test(value) ? undefined : "must be 1-512 visible ASCII characters without blanks";

function checkFirstInterval(value: string): string | undefined {
  return /^\d+$/u.test(value) && Number(value) >= 1 && Number(value) <= 30
    ? undefined
    : `must be a whole number from 1 to 30, not \`${value}\``;
}

/** Problems of one setting's value, each naming where it came from. */
export function checkSetting(setting: Setting, values: readonly string[], source: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const value of values) {
    const problem = value === "" ? "must not be empty; leave the setting out instead" : setting.check?.(value);
    if (problem !== undefined) problems.push({ field: `${source}, ${setting.key}`, problem });
  }
  return problems;
}

/** The known name that `typed` is closest to, if it is close. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, distance: distance(typed, name) })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
