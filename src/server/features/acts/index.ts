export { openActs, type Acts } from "./acts.ts";
export { keepsPosts } from "./keep-posts.ts";
export { registerActs } from "./routes.ts";
