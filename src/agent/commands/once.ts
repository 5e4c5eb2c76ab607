import { seconds } from "#base/duration";
import { collectorsFor } from "../collectors/index.ts";
import { loadConfig, type Flags } from "../config.ts";
import type { AgentIo } from "../io.ts";
import { createLog } from "../log.ts";
import { Sampler } from "../sampler.ts";
import { MachineReader } from "../system.ts";

/** `hinoban-agent once`: two samples a second apart, printed as a table or JSON. Speaks to no server. */
export async function once(flags: Flags, io: AgentIo): Promise<number> {
  const { clock } = io;
  const config = loadConfig(flags);
  const log = createLog(io.err, clock, config.logLevel);
  const deps = { reader: new MachineReader(clock), mono: () => clock.mono(), devices: () => config.devices };
  const sampler = new Sampler(collectorsFor(process.platform, deps), clock, log);
  await sampler.sample();
  await clock.sleep("agent.once", seconds(1));
  const values = Object.entries(await sampler.sample()).sort(([a], [b]) => (a < b ? -1 : 1));
  if (flags["json"] === true) io.out(`${JSON.stringify(Object.fromEntries(values), undefined, 2)}\n`);
  else {
    const width = Math.max(...values.map(([name]) => name.length), 0);
    for (const [name, value] of values) io.out(`${name.padEnd(width)}  ${String(value).padStart(18)}\n`);
  }
  return values.length > 0 ? 0 : 1;
}
