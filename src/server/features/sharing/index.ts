export { namesOf } from "./list-share-links.ts";
export { registerSharing } from "./routes.ts";
export { openSharing, type Sharing } from "./sharing.ts";
