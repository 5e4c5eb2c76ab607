import { HinobanError } from "#base/errors";
import type { CpuInfo, OsFacts, Space, SystemReader } from "../../../src/agent/system.ts";

/** What a machine shows, as text that tests write down. Change the maps between two samples to let time pass. */
export class FixtureReader implements SystemReader {
  readonly files = new Map<string, string>();
  readonly folders = new Map<string, readonly string[]>();
  readonly spaces = new Map<string, Space>();
  /** Output by command line. */
  readonly outputs = new Map<string, string>();
  cpus: readonly CpuInfo[] = [];
  interfaces: ReturnType<OsFacts["networkInterfaces"]> = {};
  readonly os: OsFacts = {
    hostname: () => "web1",
    loadavg: () => [1.5, 1.25, 1],
    cpus: () => this.cpus,
    totalmem: () => 17_179_869_184,
    freemem: () => 1_073_741_824,
    uptime: () => 86_400.7,
    machine: () => "x86_64",
    type: () => "Linux",
    release: () => "6.1.0-28-amd64",
    version: () => "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1",
    networkInterfaces: () => this.interfaces,
  };

  async text(path: string): Promise<string> {
    return found(this.files, path);
  }

  async names(path: string): Promise<readonly string[]> {
    return found(this.folders, path);
  }

  async space(path: string): Promise<Space> {
    return found(this.spaces, path);
  }

  async command(file: string, args: readonly string[]): Promise<string> {
    return found(this.outputs, [file, ...args].join(" "));
  }
}

function found<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) throw new HinobanError("not-found", `There is no ${name}.`);
  return thing;
}
