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
export type { NotifyDeps, NotifyListener, PictureFor, SuspendedChannel } from "./context.ts";
export type { Driver, Job, MailSetup, Preview, Result } from "./driver.ts";
export { channelFacts, type ChannelFacts } from "./channel-facts.ts";
