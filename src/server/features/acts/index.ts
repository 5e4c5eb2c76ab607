export { openActs, type Acts, type ActsDeps } from "./acts.ts";
export { keepsPosts } from "./keep-posts.ts";
export { registerActs } from "./routes.ts";
