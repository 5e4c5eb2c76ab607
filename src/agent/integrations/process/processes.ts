/** What `/proc/PID/stat` tells about a process. */
export interface ProcessStat {
  readonly pid: number;
  /** At most 15 characters. */
  readonly command: string;
  /** R, S, D, Z, T … */
  readonly state: string;
  /** CPU time of user and system, in ticks of 1/100 s. */
  readonly ticks: number;
  readonly threads: number;
  /** Ticks between the machine's start and the process'. */
  readonly startedAt: number;
}

/** Reads `/proc/PID/stat` (proc_pid_stat(5)). The command stands in brackets and may itself hold brackets and blanks. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const end = text.lastIndexOf(")");
  if (open < 1 || end < open) return undefined;
  const pid = Number(text.slice(0, open));
  const fields = text.slice(end + 2).split(" ");
  const number = (index: number): number => Number(fields[index]);
  const stat = {
    pid,
    command: text.slice(open + 1, end),
    state: fields[0] ?? "",
    ticks: number(11) + number(12),
    threads: number(17),
    startedAt: number(19),
  };
  return [pid, stat.ticks, stat.threads, stat.startedAt].every((value) => Number.isSafeInteger(value) && value >= 0) ? stat : undefined;
}

const longestCommandLine = 8192;

/** The arguments in `/proc/PID/cmdline`, divided by blanks. Empty for a thread of the kernel. */
export const parseCommandLine = (text: string): string => text.slice(0, longestCommandLine).replace(/\0+$/u, "").replaceAll("\0", " ");

/** Bytes in memory, from `/proc/PID/status`; undefined for a thread of the kernel and a zombie. */
export function residentBytes(status: string): number | undefined {
  const kilobytes = /^VmRSS:\s*(\d{1,12}) kB$/mu.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The user id that runs a process, from `/proc/PID/status`. */
export function userOf(status: string): number | undefined {
  const id = /^Uid:\s*\d+\s+(\d+)/mu.exec(status)?.[1]; // real, effective, saved, file system
  return id === undefined ? undefined : Number(id);
}

/** The id of a user by name, from `/etc/passwd`. */
export function userId(passwd: string, name: string): number | undefined {
  for (const line of passwd.split("\n")) {
    const [user, , id] = line.split(":");
    if (user === name && id !== undefined && /^\d+$/u.test(id)) return Number(id);
  }
  return undefined;
}

/** Which processes are meant. All that is given must fit. */
export interface ProcessFilter {
  /** The program's name: of its file, or as the kernel knows it. */
  readonly name: string | undefined;
  /** Fits the whole command line. */
  readonly pattern: RegExp | undefined;
}

/** Whether the kernel's name of a process rules it out, before anything else of it is read. The kernel cuts names after 15 characters. */
export const mayFit = (filter: ProcessFilter, command: string): boolean =>
  filter.name === undefined ||
  command === filter.name.slice(0, 15) ||
  command.length === 15 ||
  filter.pattern !== undefined ||
  isScript(command);

// A program that was started by an interpreter or renamed itself is known by its first argument only.
const isScript = (command: string): boolean => /^(?:python|perl|ruby|node|java|sh|bash|dash|php)/u.test(command) || /[:\s]/u.test(command);

export function fits({ name, pattern }: ProcessFilter, command: string, commandLine: string): boolean {
  if (pattern && !pattern.test(commandLine === "" ? `[${command}]` : commandLine)) return false;
  if (name === undefined) return true;
  const program = commandLine.split(" ")[0] ?? "";
  return (
    command === name ||
    (command.length === 15 && name.startsWith(command)) ||
    program.slice(program.lastIndexOf("/") + 1).replace(/:$/u, "") === name
  );
}
