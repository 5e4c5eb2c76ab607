import type { ChannelType } from "#wire/notify";
import type { NotifyDeps } from "./context.ts";
import type { Driver } from "./driver.ts";
import { ChatworkDriver } from "./drivers/chatwork.ts";
import { DiscordDriver } from "./drivers/discord.ts";
import { HipchatDriver } from "./drivers/hipchat.ts";
import { LineDriver } from "./drivers/line.ts";
import { MailDriver } from "./drivers/mail.ts";
import { MattermostBotDriver, MattermostWebhookDriver } from "./drivers/mattermost.ts";
import { OpsgenieDriver } from "./drivers/opsgenie.ts";
import { PagerDutyDriver } from "./drivers/pagerduty.ts";
import { SlackBotDriver, SlackWebhookDriver } from "./drivers/slack.ts";
import { TeamsDriver } from "./drivers/teams.ts";
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
    teams: new TeamsDriver(http),
    line: new LineDriver(http),
    discord: new DiscordDriver(http),
    pagerduty: new PagerDutyDriver(http),
    opsgenie: new OpsgenieDriver(http),
  };
  return new Map<string, Driver>([["mail", mail], ...Object.entries(byType)]);
}
