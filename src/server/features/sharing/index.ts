export { namesOf } from "./list-share-links.ts";
export { registerSharing } from "./routes.ts";
export { openSharing } from "./sharing.ts";
