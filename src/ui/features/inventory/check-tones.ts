import type { CheckStatus } from "#wire/inventory";
import type { Tone } from "../../kit/cells.tsx";

/** The colour and sign of each result of a check. */
export const checkTones: Readonly<Record<CheckStatus, Tone>> = { OK: "good", WARNING: "attention", CRITICAL: "bad", UNKNOWN: "off" };
