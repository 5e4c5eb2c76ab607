export { demand } from "./demand.ts";
export { may, atLeast } from "./model.ts";
