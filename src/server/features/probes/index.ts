import { Probes, type ProbesDeps } from "./probes.ts";

export type { Probes, ProbesDeps };
export { registerProbes } from "./routes.ts";

/** Opens probes. What is probed follows the monitors once `monitors.listen(probes)` was called. */
export const openProbes = (deps: ProbesDeps): Probes => new Probes(deps);
