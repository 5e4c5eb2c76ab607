import type { MonitorSettings } from "#wire/monitor-settings";
import type { TemplateName } from "#wire/monitors";

const everyHost = { scopes: [], excludeScopes: [], memo: "", isMute: false };

const rate = (name: string, metric: string, warning: number, critical: number): MonitorSettings => ({
  type: "host",
  name,
  ...everyHost,
  metric,
  operator: ">",
  warning,
  critical,
  duration: 3,
  maxCheckAttempts: 3,
});

/** What most organisations want to be told, with thresholds that wake nobody for a short peak. */
const all: Readonly<Record<TemplateName, MonitorSettings>> = {
  cpu: rate("CPU %", "cpu%", 90, 98),
  memory: rate("Memory %", "memory%", 85, 95),
  swap: rate("Swap %", "swap%", 50, 80),
  disk: { ...rate("Filesystem %", "disk%", 80, 95), duration: 1, maxCheckAttempts: 1 } as MonitorSettings, // one reading of a disk is no peak
  connectivity: { type: "connectivity", name: "connectivity", ...everyHost, alertStatusOnGone: "CRITICAL" },
};

export const templates = (names: readonly TemplateName[]): MonitorSettings[] => [...new Set(names)].map((name) => all[name]);
