import type { Finding } from "../findings.ts";

/** A software RAID of the kernel, as `/proc/mdstat` tells it. */
export interface RaidArray {
  readonly name: string;
  readonly isActive: boolean;
  readonly level: string;
  /** Devices that it shall have, and that work; both undefined for levels without redundancy. */
  readonly wanted: number | undefined;
  readonly working: number | undefined;
  readonly faulty: readonly string[];
  /** What it is doing (`recovery`, `resync`, `check`, `reshape`), and how far it is. */
  readonly progress: { readonly action: string; readonly percent: number } | undefined;
}

const mostArrays = 256;

/** Reads `/proc/mdstat`. */
export function parseMdstat(text: string): readonly RaidArray[] {
  const arrays: RaidArray[] = [];
  for (const block of text.split(/\n(?=md[\w.-]* :)/u)) {
    const head = /^(md[\w.-]*) : (active|inactive)(?: \([\w-]+\))*(?: (raid\d+|linear|multipath|faulty))?([^\n]*)/u.exec(block);
    if (!head || arrays.length >= mostArrays) continue;
    const [, name = "", state, level = "", members = ""] = head;
    const counts = /\[(\d{1,4})\/(\d{1,4})\]/u.exec(block);
    const progress = /(recovery|resync|check|reshape|repair)\s*=\s*(\d{1,3}(?:\.\d+)?)%/u.exec(block);
    arrays.push({
      name,
      isActive: state === "active",
      level,
      wanted: counts ? Number(counts[1]) : undefined,
      working: counts ? Number(counts[2]) : undefined,
      faulty: [...members.matchAll(/([\w!-]+)\[\d+\](?:\([A-Z]\))*\(F\)/gu)].map(([, device = ""]) => device).slice(0, 20),
      progress: progress ? { action: progress[1] ?? "", percent: Number(progress[2]) } : undefined,
    });
  }
  return arrays;
}

/** What is wrong with an array: too few devices or standing still is CRITICAL, a rebuild or a failed device beside a whole array a WARNING. */
export function judgeArray(array: RaidArray): readonly Finding[] {
  const { name, wanted, working, faulty, progress } = array;
  const findings: Finding[] = [];
  if (!array.isActive) findings.push({ status: "CRITICAL", text: `${name} is inactive` });
  const isDegraded = wanted !== undefined && working !== undefined && working < wanted;
  const doing = progress ? `, ${progress.action} at ${progress.percent} %` : "";
  if (isDegraded) findings.push({ status: "CRITICAL", text: `${name} has ${working} of ${wanted} devices${doing}` });
  if (faulty.length > 0) findings.push({ status: isDegraded ? "CRITICAL" : "WARNING", text: `${name}: ${faulty.join(", ")} failed` });
  return findings;
}
