export { openActs, type Acts, type ActsDeps } from "./acts.ts";
export { registerActs } from "./routes.ts";
