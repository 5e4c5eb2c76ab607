import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HinobanError, messageOf } from "#base/errors";
import { newId } from "#base/ids";
import { writeDurably } from "./durable-file.ts";
import { isJsonObject, parseJson, type JsonObject } from "./json.ts";

/** What the agent last wrote about itself, for `hinoban-agent status`. */
export interface AgentReport {
  readonly pid: number;
  readonly version: string;
  readonly server: string;
  readonly hostId: string | undefined;
  readonly startedAt: string;
  readonly lastSampleAt: string | undefined;
  readonly lastDeliveryAt: string | undefined;
  readonly waiting: number;
  readonly dropped: number;
  /** Results of checks that wait. */
  readonly reportsWaiting: number;
  readonly trouble: string | undefined;
}

/** The agent's folder: `id` (the host's id), `instance`, `status.json`, `agent.pid` and `spool/`. For its owner only. */
export class StateFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get idPath(): string {
    return join(this.path, "id");
  }

  /** Unsent values of services, as the spool keeps those of hosts. */
  get servicesPath(): string {
    return join(this.path, "services");
  }

  /** Results of checks that wait. */
  get reportsPath(): string {
    return join(this.path, "reports.log");
  }

  /** What probes found and the server has not heard of. */
  get probesPath(): string {
    return join(this.path, "probes.json");
  }

  get spoolPath(): string {
    return join(this.path, "spool");
  }

  /** @throws HinobanError "forbidden" when the folder cannot be made or written. */
  async make(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const text = `The state folder ${this.path} cannot be made: ${messageOf(cause)}. Set state_dir to a folder that this user may write.`;
      throw new HinobanError("forbidden", text, { path: this.path }, { cause });
    }
  }

  /** The id that the server gave this host, or undefined before the first registration. */
  async readId(): Promise<string | undefined> {
    const text = await readFile(this.idPath, "utf8").catch((error: unknown) => {
      if (isMissing(error)) return "";
      throw new HinobanError("forbidden", `${this.idPath} cannot be read: ${messageOf(error)}.`, { path: this.idPath }, { cause: error });
    });
    const id = text.trim();
    return id === "" ? undefined : id;
  }

  writeId(id: string): Promise<void> {
    return writeDurably(this.idPath, `${id}\n`);
  }

  async removeId(): Promise<void> {
    await rm(this.idPath, { force: true });
    await rm(join(this.path, "instance"), { force: true });
  }

  /**
   * A random name of this installation, sent in the host's metadata. When the answer to a registration was lost, the agent finds by it
   * the host that it already made, instead of making a second one.
   */
  async instance(): Promise<{ readonly name: string; readonly isNew: boolean }> {
    const path = join(this.path, "instance");
    const known = (await readFile(path, "utf8").catch(() => "")).trim();
    if (/^[A-Za-z0-9]{22}$/u.test(known)) return { name: known, isNew: false };
    const name = newId() + newId();
    await writeDurably(path, `${name}\n`);
    return { name, isNew: true };
  }

  /** Not synced: it is only for looking at. */
  async writeReport(report: AgentReport): Promise<void> {
    const path = join(this.path, "status.json");
    await writeFile(`${path}.tmp`, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }

  async readReport(): Promise<JsonObject | undefined> {
    const value = parseJson(await readFile(join(this.path, "status.json"), "utf8").catch(() => ""));
    return isJsonObject(value) ? value : undefined;
  }

  /** Takes the folder for this process. @throws HinobanError "conflict" when another agent works in it. Returns the release. */
  lock(): () => Promise<void> {
    const path = join(this.path, "agent.pid");
    const holder = this.holder();
    if (holder !== undefined)
      throw new HinobanError("conflict", `An agent already runs with ${this.path} (process ${holder}).`, { pid: holder });
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { mode: 0o600 });
    return () => rm(path, { force: true });
  }

  /** The process that works in this folder, if one does. A number that was given to another process since then does not count. */
  holder(): number | undefined {
    const [pid, start] = readText(join(this.path, "agent.pid")).trim().split(" ");
    const number = Number(pid);
    if (pid === undefined || !Number.isInteger(number) || number <= 0 || number === process.pid) return undefined;
    return isAlive(number) && (start === undefined || start === startOf(number)) ? number : undefined;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** When a process began, in ticks since boot; empty where there is no /proc, so that only the number is compared. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "ended" : (fields[19] ?? ""); // killed, but not yet waited for by its parent
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // it lives, as another user
  }
}
