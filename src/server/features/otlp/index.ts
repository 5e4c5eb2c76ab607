import { Otlp, type OtlpDeps } from "./otlp.ts";

export { registerOtlp } from "./routes.ts";
export type { Otlp, OtlpDeps };

export const openOtlp = (deps: OtlpDeps): Otlp => new Otlp(deps);
