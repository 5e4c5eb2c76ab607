import { registerPrometheus } from "./routes.ts";
import { Prometheus, type PrometheusDeps } from "./prometheus.ts";

export { registerPrometheus };
export { Scraper } from "./scraper.ts";
export type { Prometheus, PrometheusDeps };

export const openPrometheus = (deps: PrometheusDeps): Prometheus => new Prometheus(deps);
