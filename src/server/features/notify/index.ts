export type {
  Addressee,
  DeliveryOutcome,
  DeliveryState,
  Notice,
  NoticeAction,
  NoticeFact,
  PictureOf,
  PictureThreshold,
  Recipient,
  Sending,
} from "./model.ts";
export type { OpenChannel } from "./channel.ts";
export { Notify, openNotify } from "./notify.ts";
export { registerNotify } from "./routes.ts";
export type { NotifyDeps, NotifyListener, PictureFor, SuspendedChannel } from "./context.ts";
export type { Driver, Job, MailSetup, Preview, Result } from "./driver.ts";
export { channelFacts, type ChannelFacts } from "./channel-facts.ts";
export type { ChatAccountLink } from "./chat-links.ts";
export { registerNotifyV0 } from "./v0-routes.ts";
export { reachablePeople } from "./reachable-people.ts";
