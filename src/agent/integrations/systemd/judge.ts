import type { Finding } from "../findings.ts";
import type { UnitState } from "./units.ts";

/** What is wrong with a unit that shall run; undefined when nothing is. */
export function judgeUnit(unit: UnitState): Finding | undefined {
  if (unit.load === "not-found") return { status: "CRITICAL", text: `there is no unit ${unit.id}` };
  if (unit.load === "masked" && unit.active !== "active") return { status: "CRITICAL", text: `${unit.id} is masked` };
  const status = statusOf(unit);
  return status === "OK" ? undefined : { status, text: `${unit.id} is ${unit.active || "unknown"}${reason(unit)}` };
}

function statusOf({ active, sub, type, result }: UnitState): "OK" | "WARNING" | "CRITICAL" {
  switch (active) {
    case "active":
    case "reloading":
    case "refreshing":
      return "OK";
    case "activating":
      // systemd waits between two tries: the program ends again and again.
      return sub.startsWith("auto-restart") ? "CRITICAL" : "WARNING";
    case "deactivating":
    case "maintenance":
      return "WARNING";
    case "inactive":
      // A job that has run and ended well is as it should be.
      return type === "oneshot" && result === "success" ? "OK" : "CRITICAL";
    default:
      return "CRITICAL";
  }
}

function reason(unit: UnitState): string {
  const words = [unit.sub === unit.active ? "" : unit.sub, unit.result === "success" ? "" : unit.result].filter((word) => word !== "");
  return words.length === 0 ? "" : ` (${words.join(", ")}${exit(unit)})`;
}

const exit = ({ result, exitStatus }: UnitState): string => (result === "exit-code" && exitStatus !== undefined ? ` ${exitStatus}` : "");
