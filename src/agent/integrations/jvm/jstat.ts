import { HinobanError } from "#base/errors";
import type { Figures } from "../common/graphs.ts";

/**
 * The two lines that `jstat -gc` and `-gccapacity` print: names, then values in KiB, counts and seconds. What a collector does not have is `-`, and
 * decimals have a comma in some languages. Source: https://docs.oracle.com/en/java/javase/21/docs/specs/man/jstat.html
 * @throws HinobanError "invalid-input" for anything else
 */
export function parseJstat(text: string): Figures {
  const [names = [], values = []] = text
    .slice(0, longestOutput)
    .trim()
    .split(/\r?\n/u)
    .map((line) => line.trim().split(/\s+/u));
  if (names.length < 2 || names.length !== values.length || !names.every((name) => /^[A-Z][A-Z0-9]{1,7}$/u.test(name)))
    throw new HinobanError("invalid-input", "jstat did not print a table of two lines.");
  const figures: Record<string, number> = {};
  for (const [index, name] of names.entries()) {
    const value = (values[index] ?? "").replace(",", ".");
    if (/^\d{1,15}(?:\.\d{1,6})?$/u.test(value)) figures[name] = Number(value);
  }
  return figures;
}

const longestOutput = 64 * 1024;

/** How full the generations are, in percent; absent for a collector that has none. */
export function spaceRates(figures: Figures): Figures {
  const sum = (...names: readonly string[]): number => names.reduce((total, name) => total + (figures[name] ?? 0), 0);
  const rates: Record<string, number> = {};
  const oldSpace = sum("OC");
  const newSpace = sum("S0C", "S1C", "EC");
  if (oldSpace > 0) rates["oldSpaceRate"] = (100 * sum("OU")) / oldSpace;
  if (newSpace > 0) rates["newSpaceRate"] = (100 * sum("S0U", "S1U", "EU")) / newSpace;
  return rates;
}

/** The process of a main class or jar in the output of `jps -l`: by its whole name, or by the part behind the last dot or slash. */
export function findProcess(text: string, name: string): string | undefined {
  for (const line of text.split(/\r?\n/u)) {
    const [, pid, main] = /^(\d+) (\S.*)$/u.exec(line) ?? [];
    if (pid !== undefined && main !== undefined && (main === name || /[^./]+(?:\.jar)?$/u.exec(main)?.[0] === name)) return pid;
  }
  return undefined;
}
