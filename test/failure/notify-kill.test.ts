import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claim, withNewKey, type ApiClient } from "#test/api-client";
import { FakeWebhook } from "#test/chat-fakes/index";
import { openFolder } from "#test/folder";
import { headerOf, Mailbox } from "#test/mailbox";
import { freePort, startServer, type ServerProcess } from "#test/server-process";
import { until } from "#test/until";

const rounds = 3;
const folder = openFolder("hinoban-notify-kill-");
let port: number;
let server: ServerProcess;
let hook: FakeWebhook;
let mailbox: Mailbox;
let key: ApiClient;

const start = (): Promise<ServerProcess> =>
  startServer({
    dataDir: join(folder, "data"),
    port,
    args: ["--no-agent"],
    env: {
      HINOBAN_OUTGOING_ALLOW: "127.0.0.1/32",
      HINOBAN_SMTP_URL: `smtp://127.0.0.1:${mailbox.port}?tls=none`,
      HINOBAN_MAIL_FROM: "Hinoban <alert@hinoban.example>",
    },
  });

beforeAll(async () => {
  [hook, mailbox, port] = await Promise.all([FakeWebhook.open(), Mailbox.open(), freePort()]);
  server = await start();
  const owner = await claim(server.url, server.setupUrl);
  key = await withNewKey(owner);
  const common = { language: "en", events: ["hostRegister"] };
  await owner.get("POST", "/api/v1/orgs/main/channels", {
    ...common,
    type: "signed-webhook",
    name: "hook",
    url: hook.hookUrl,
    signingKey: "k",
  });
  await owner.get("POST", "/api/v1/orgs/main/channels", { ...common, type: "email", name: "mail", emails: ["ops@example.jp"] });
});
afterAll(async () => {
  await server.end();
  await Promise.all([hook.close(), mailbox.close()]);
  rmSync(folder, { recursive: true, force: true });
});

test("a message that was on its way when the server was killed leaves again as the same message, and no other is lost or doubled", async () => {
  for (let round = 1; round <= rounds; round++) {
    hook.clear();
    mailbox.clear();
    hook.next.push("hang");
    mailbox.onMail = () => new Promise(() => undefined);
    await key.get("POST", "/api/v0/hosts", { name: `host-${round}`, meta: {} });
    await until("both messages are on their way", 20_000, () => hook.calls.length === 1 && mailbox.received.length === 1);
    await server.end("SIGKILL");
    mailbox.onMail = undefined;
    server = await start();
    await until("both came again", 30_000, () => hook.calls.length === 2 && mailbox.received.length === 2);
    const keys = hook.calls.map(({ headers }) => headers["idempotency-key"]);
    expect(new Set(keys).size).toBe(1);
    expect(new Set(mailbox.received.map((mail) => headerOf(mail, "message-id"))).size).toBe(1);
    const ended = async (): Promise<boolean> => {
      const { deliveries } = await key.get<{ deliveries: { state: string }[] }>("GET", "/api/v1/orgs/main/deliveries?limit=50");
      return deliveries.length === round * 2 && deliveries.every(({ state }) => state === "sent");
    };
    await until("the server knows that they arrived", 20_000, ended);
  }
});
