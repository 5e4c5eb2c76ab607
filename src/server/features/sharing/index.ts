export { AlertPictures } from "./alert-pictures.ts";
export { registerAlertPictures } from "./alert-picture-routes.ts";
export { namesOf } from "./list-share-links.ts";
export { registerSharing } from "./routes.ts";
export { openSharing } from "./sharing.ts";
