import { closeSync, constants, openSync, readSync } from "node:fs";
import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { parseJson } from "../../json.ts";
import { textAt } from "../json-path.ts";
import type { RunProgram } from "../program.ts";
import { parseKmsg } from "./kernel-lines.ts";

/** A line of the kernel's log and when it was written. */
export interface KernelLine {
  readonly at: UnixMs;
  readonly text: string;
}

/** Where to go on reading. Means nothing after the next start of the machine. */
export interface KernelPlace {
  readonly boot: string;
  readonly sequence: number;
  readonly cursor: string;
}

/** New lines of the kernel's log, each once. */
export interface KernelLog {
  read(signal: AbortSignal): Promise<readonly KernelLine[]>;
  /** Where the next read goes on. */
  readonly place: Pick<KernelPlace, "sequence" | "cursor">;
  close(): void;
}

const mostLines = 20_000;

/**
 * The kernel's ring buffer itself. Reading never waits and takes each record once; a record that was overwritten before it was read is lost.
 * @param after the sequence number of the last record that was read, -1 for none
 * @param bootAt when the machine started
 * @throws HinobanError "forbidden" or "not-found" when the log may not be opened
 */
export function openKmsg(after: number, bootAt: () => UnixMs, path = "/dev/kmsg"): KernelLog {
  const descriptor = open(path);
  const buffer = Buffer.alloc(16 * 1024);
  let sequence = after;
  return {
    get place() {
      return { sequence, cursor: "" };
    },
    read: async () => {
      const lines: KernelLine[] = [];
      for (let count = 0; count < mostLines; count += 1) {
        const text = nextRecord(descriptor, buffer);
        if (text === undefined) break;
        const record = parseKmsg(text);
        if (!record || record.sequence <= sequence) continue;
        sequence = record.sequence;
        lines.push({ at: unixMs(bootAt() + record.sinceBoot / 1000), text: record.text });
      }
      return lines;
    },
    close: () => closeSync(descriptor),
  };
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const code = codeOf(cause) === "ENOENT" ? "not-found" : "forbidden";
    throw new HinobanError(code, `${path} cannot be opened (${messageOf(cause)})`, { path }, { cause });
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** The next record; empty for one that was overwritten; undefined when there is none now. */
function nextRecord(descriptor: number, buffer: Buffer): string | undefined {
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, null);
    return length === 0 ? undefined : buffer.toString("utf8", 0, length);
  } catch (error) {
    if (codeOf(error) === "EPIPE") return "";
    if (codeOf(error) === "EAGAIN") return undefined;
    throw error;
  }
}

/** The kernel's lines in systemd's journal, for a user who may read that but not the ring buffer. */
export function journalLog(after: string, run: RunProgram): KernelLog {
  let cursor = after;
  return {
    get place() {
      return { sequence: -1, cursor };
    },
    read: async (signal) => {
      const from = cursor === "" ? [] : [`--after-cursor=${cursor}`];
      const command = ["journalctl", "--dmesg", "--boot", "--output=json", "--no-pager", "--quiet", "--lines=2000", ...from];
      const { code, stdout, stderr } = await run(command, signal);
      if (code !== 0 || /permission/iu.test(stderr))
        throw new HinobanError(
          "forbidden",
          `journalctl does not show the kernel's log (${stderr.trim().split("\n")[0]?.slice(0, 200) ?? ""})`,
        );
      const lines: KernelLine[] = [];
      for (const text of stdout.split("\n")) {
        const line = parseJournalLine(text);
        if (!line) continue;
        cursor = line.cursor;
        lines.push(line);
      }
      return lines;
    },
    close: () => undefined,
  };
}

/** One line of `journalctl --output=json`. */
export function parseJournalLine(text: string): (KernelLine & { readonly cursor: string }) | undefined {
  const value = parseJson(text);
  const cursor = textAt(value, "__CURSOR");
  const at = Number(textAt(value, "__REALTIME_TIMESTAMP")) / 1000;
  if (cursor === undefined || cursor === "" || !Number.isFinite(at)) return undefined;
  return { at: unixMs(at), text: textAt(value, "MESSAGE") ?? "", cursor }; // a message that is no UTF-8 is a list of bytes, and none of ours
}
