export { addressesOf, type CarrierKind } from "./addresses.ts";
export { openCarriers, type Carriers } from "./carriers.ts";
export { registerCarriers } from "./routes.ts";
