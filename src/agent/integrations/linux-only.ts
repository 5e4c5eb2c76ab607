import { HinobanError } from "#base/errors";

/** @throws HinobanError "unavailable" on another system, whose /proc and /sys do not exist */
export function demandLinux(platform: string, name: string): void {
  if (platform !== "linux")
    throw new HinobanError("unavailable", `integrations.${name} reads /proc and /sys, which only Linux has.`, { platform });
}
