export { FakeChatwork, chatworkTooMany } from "./chatwork.ts";
export { FakeHipchat } from "./hipchat.ts";
export { tooMany } from "./http-fake.ts";
export { FakeMattermost, type MattermostPost } from "./mattermost.ts";
export { FakeSlack, slackTooMany, type SlackPost } from "./slack.ts";
export { FakeWebhook } from "./webhook.ts";
