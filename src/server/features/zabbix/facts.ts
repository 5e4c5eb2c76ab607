import { rowsOf } from "./loose.ts";
import { isLocalType } from "./filesystems.ts";
import { numberOf } from "./item-key.ts";
import type { Knowledge, OperatingSystem } from "./knowledge.ts";
import { isSkippedDisk, isSkippedInterface, readMounts } from "./procfs.ts";

/** More parts than this of one kind are not watched one by one. */
const mostParts = 200;
const longestFact = 4000;

/** What an item tells beside figures; undefined for one that only tells figures. */
export type Fact = "text" | "cores" | "interfaces" | "disks" | "drives" | "filesystems" | "mounts";

const facts: Readonly<Record<string, Fact>> = {
  "system.uname": "text",
  "system.hostname": "text",
  "agent.version": "text",
  "system.boottime": "text",
  "system.hw.cpu[all,model]": "text",
  "vm.memory.size[total]": "text",
  "vfs.file.contents[/etc/os-release]": "text",
  "vfs.file.contents[/proc/mounts]": "mounts",
  "system.cpu.num": "cores",
  "net.if.discovery": "interfaces",
  "vfs.dev.discovery": "disks",
  "vfs.fs.discovery": "filesystems",
  "perf_instance_en.discovery[LogicalDisk]": "drives",
};

export const factOf = (key: string): Fact | undefined => (Object.hasOwn(facts, key) ? facts[key] : undefined);

/** Whether there is no hurry to ask for a fact: it is known, or cannot be. */
export function isKnown(known: Knowledge, key: string): boolean {
  if (known.unsupported[key] !== undefined) return true;
  switch (factOf(key)) {
    case "interfaces":
      return known.interfaces.length > 0;
    case "disks":
    case "drives":
      return known.disks.length > 0;
    case "filesystems":
      return known.filesystems.length > 0;
    case "cores":
      return known.cores !== undefined;
    case "text":
    case "mounts":
    case undefined:
      return known.facts[key] !== undefined;
  }
}

/** What is known after an item told something new; the same object when it told nothing new. */
export function learn(known: Knowledge, fact: Fact, key: string, text: string): Knowledge {
  switch (fact) {
    case "text":
      return learnText(known, key, text.trim().slice(0, longestFact));
    case "cores": {
      const cores = numberOf(text);
      return cores === undefined || cores === known.cores || !(cores > 0) ? known : { ...known, cores };
    }
    case "interfaces":
      return withList(
        known,
        "interfaces",
        namesIn(text, "{#IFNAME}").filter((name) => !isSkippedInterface(name)),
      );
    case "disks":
      return withList(known, "disks", wholeDisks(text));
    case "drives":
      return withList(
        known,
        "disks",
        namesIn(text, "{#INSTANCE}").filter((name) => /^[A-Z]:$/u.test(name)),
      );
    case "filesystems":
      return withList(known, "filesystems", localFilesystems(text));
    case "mounts":
      return withMounts(learnText(known, key, "read"), readMounts(text));
  }
}

function learnText(known: Knowledge, key: string, text: string): Knowledge {
  if (text === "" || known.facts[key] === text) return known;
  const learned: Knowledge = { ...known, facts: { ...known.facts, [key]: text } };
  return key === "system.uname" ? { ...learned, os: systemOf(text) } : learned;
}

function systemOf(uname: string): OperatingSystem {
  if (uname.startsWith("Linux")) return "linux";
  return uname.startsWith("Windows") ? "windows" : "other";
}

function namesIn(json: string, macro: string): string[] {
  const names = rowsOf(json).map((row) => row[macro]);
  return [...new Set(names.filter((name): name is string => typeof name === "string" && name !== "" && name.length <= 255))];
}

function wholeDisks(json: string): string[] {
  // The C agent of 7.0.9 writes "DEVTYPE=disk".
  const rows = rowsOf(json).filter((row) => row["{#DEVTYPE}"] === "disk" || row["{#DEVTYPE}"] === "DEVTYPE=disk");
  return namesIn(JSON.stringify(rows), "{#DEVNAME}").filter((name) => !isSkippedDisk(name));
}

function localFilesystems(json: string): string[] {
  const rows = rowsOf(json).filter((row) => typeof row["{#FSTYPE}"] === "string" && isLocalType(row["{#FSTYPE}"]));
  return namesIn(JSON.stringify(rows), "{#FSNAME}");
}

function withList(known: Knowledge, list: "interfaces" | "disks" | "filesystems", names: readonly string[]): Knowledge {
  const found = names.toSorted().slice(0, mostParts);
  const isSame = found.length === known[list].length && found.every((name, index) => name === known[list][index]);
  return isSame ? known : { ...known, [list]: found };
}

function withMounts(known: Knowledge, mounts: Readonly<Record<string, string>>): Knowledge {
  return JSON.stringify(mounts) === JSON.stringify(known.mounts) ? known : { ...known, mounts };
}

const mostUnsupported = 300;
const longestMessage = 500;

/** Keeps, or forgets, that the agent cannot deliver an item. */
export function learnSupport(
  known: Knowledge,
  key: string,
  message: string | undefined,
  at: Knowledge["unsupported"][string]["at"],
): Knowledge {
  const before = known.unsupported[key];
  if (message === undefined) {
    if (!before) return known;
    const { [key]: _gone, ...rest } = known.unsupported;
    return { ...known, unsupported: rest };
  }
  if (before?.message === message.slice(0, longestMessage)) return known;
  if (!before && Object.keys(known.unsupported).length >= mostUnsupported) return known;
  return { ...known, unsupported: { ...known.unsupported, [key]: { message: message.slice(0, longestMessage), at } } };
}
