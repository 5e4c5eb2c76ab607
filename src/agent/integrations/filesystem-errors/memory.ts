import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { unixMs, type Millis, type UnixMs } from "#base/duration";
import { writeDurably } from "../../durable-file.ts";
import { parseJson } from "../../json.ts";
import type { Finding } from "../findings.ts";
import { numberAt, objectsAt, textAt } from "../json-path.ts";
import { classify, kernelKinds, type KernelKind } from "./kernel-lines.ts";
import type { KernelLine, KernelPlace } from "./kernel-log.ts";

interface Remembered {
  readonly kind: KernelKind;
  readonly device: string;
  isCritical: boolean;
  count: number;
  lastAt: UnixMs;
  lastText: string;
}

const mostGroups = 200;
const longestText = 200;

/** What the kernel told about disks and file systems lately: by kind and device, with the last line of each. Survives a restart of the agent. */
export class KernelMemory {
  readonly #groups = new Map<string, Remembered>();
  place: KernelPlace = { boot: "", sequence: -1, cursor: "" };

  /** Takes lines in. @returns how many of each kind were written after `since`: what is older was no trouble of this minute */
  take(lines: readonly KernelLine[], since: UnixMs): Readonly<Record<KernelKind, number>> {
    const counts: Record<KernelKind, number> = { io: 0, link: 0, ext4: 0, xfs: 0, btrfs: 0, raid: 0 };
    for (const { at, text } of lines) {
      const trouble = classify(text);
      if (!trouble) continue;
      if (at > since) counts[trouble.kind] += 1;
      this.#remember({ ...trouble, count: 1, lastAt: at, lastText: text.slice(0, longestText) });
    }
    return counts;
  }

  /** Forgets what is older than `window` before `now`. */
  forget(now: UnixMs, window: Millis): void {
    for (const [key, { lastAt }] of this.#groups) if (now - lastAt > window) this.#groups.delete(key);
  }

  get findings(): readonly Finding[] {
    return [...this.#groups.values()].map(({ isCritical, count, lastText, device }) => ({
      status: isCritical ? "CRITICAL" : "WARNING",
      text: `${device === "" ? "" : `${device}: `}${count > 1 ? `${count} times, last ` : ""}"${lastText}"`,
    }));
  }

  #remember(found: Remembered): void {
    const key = `${found.kind} ${found.device}`;
    const known = this.#groups.get(key);
    if (known) {
      known.count += found.count;
      known.isCritical ||= found.isCritical;
      if (found.lastAt >= known.lastAt) Object.assign(known, { lastAt: found.lastAt, lastText: found.lastText });
    } else if (this.#groups.size < mostGroups) this.#groups.set(key, found);
  }

  /** Reads what an earlier process left in `folder`; a missing or damaged file counts as none. */
  async load(folder: string): Promise<void> {
    const value = parseJson(await readFile(join(folder, "kernel.json"), "utf8").catch(() => ""));
    this.place = { boot: textAt(value, "boot") ?? "", sequence: numberAt(value, "sequence") ?? -1, cursor: textAt(value, "cursor") ?? "" };
    for (const entry of objectsAt(value, "groups")) {
      const kind = kernelKinds.find((name) => name === textAt(entry, "kind"));
      const lastAt = numberAt(entry, "lastAt");
      if (kind === undefined || lastAt === undefined) continue;
      const text = (name: string): string => (textAt(entry, name) ?? "").slice(0, longestText);
      const count = numberAt(entry, "count") ?? 1;
      this.#remember({
        kind,
        device: text("device"),
        isCritical: entry["isCritical"] === true,
        count,
        lastAt: unixMs(lastAt),
        lastText: text("lastText"),
      });
    }
  }

  async save(folder: string): Promise<void> {
    await writeDurably(join(folder, "kernel.json"), `${JSON.stringify({ ...this.place, groups: [...this.#groups.values()] })}\n`);
  }
}
