export type {
  Addressee,
  DeliveryOutcome,
  Notice,
  NoticeFact,
  PictureOf,
  PictureThreshold,
  Recipient,
  Sending,
} from "./model.ts";
export type { OpenChannel } from "./channel.ts";
export { Notify, openNotify } from "./notify.ts";
export { registerNotify } from "./routes.ts";
export type { NotifyDeps, NotifyListener, PictureFor } from "./context.ts";
export type { MailSetup } from "./driver.ts";
export { channelFacts } from "./channel-facts.ts";
export { registerNotifyV0 } from "./v0-routes.ts";
export { reachablePeople } from "./reachable-people.ts";
