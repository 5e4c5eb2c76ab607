export type {
  Addressee,
  DeliveryOutcome,
  DeliveryState,
  Notice,
  NoticeAction,
  NoticeFact,
  PictureOf,
  Recipient,
  Sending,
} from "./model.ts";
export { Notify, openNotify } from "./notify.ts";
export type { NotifyDeps, NotifyListener, PictureFor, SuspendedChannel } from "./context.ts";
export type { Driver, Job, Preview, Result } from "./driver.ts";
