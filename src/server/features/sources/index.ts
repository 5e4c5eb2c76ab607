export { registerSources } from "./routes.ts";
export { openSources, type Sources } from "./sources.ts";
export { namesOf } from "./store.ts";
