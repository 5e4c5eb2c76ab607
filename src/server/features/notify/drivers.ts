import type { ChannelType } from "#wire/notify";
import type { NotifyDeps } from "./context.ts";
import type { Driver } from "./driver.ts";
import { ChatworkDriver } from "./drivers/chatwork.ts";
import { HipchatDriver } from "./drivers/hipchat.ts";
import { MailDriver } from "./drivers/mail.ts";
import { MattermostBotDriver, MattermostWebhookDriver } from "./drivers/mattermost.ts";
import { SlackBotDriver, SlackWebhookDriver } from "./drivers/slack.ts";
import { WebhookDriver } from "./drivers/webhook.ts";

/** The way to send to each type of channel; `mail` reaches persons. A telephone line is added by whoever has one. */
export function driversOf({ mailer, serverKey, http, publicUrl = "" }: NotifyDeps): Map<string, Driver> {
  const mail = new MailDriver(mailer, serverKey);
  const webhook = new WebhookDriver(http);
  const byType: Readonly<Record<ChannelType, Driver>> = {
    email: mail,
    slack: new SlackWebhookDriver(http),
    "slack-bot": new SlackBotDriver(http),
    mattermost: new MattermostWebhookDriver(http, publicUrl),
    "mattermost-bot": new MattermostBotDriver(http, publicUrl),
    chatwork: new ChatworkDriver(http),
    hipchat: new HipchatDriver(http),
    webhook,
    "signed-webhook": webhook,
  };
  return new Map<string, Driver>([["mail", mail], ...Object.entries(byType)]);
}
