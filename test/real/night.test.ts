import { spawn, type ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { buildAgent } from "#test/agent/bundle";
import { startAgent, type AgentProcess } from "#test/agent/process";
import { claim, withNewKey, type ApiClient } from "#test/api-client";
import { openBrowser, visit } from "#test/browser";
import { openFolder } from "#test/folder";
import { Mailbox, type Received } from "#test/mailbox";
import { freePort, startServer, type ServerProcess } from "#test/server-process";
import { until } from "#test/until";
import { join as joinOrganisation, org } from "../e2e/support/seed.ts";

// Files of this folder run one after the other: no browser test beside it makes the machine busy.
// One night, from a busy machine to the last line of the record: everything is real but the bed.

const minute = 60_000;
const folder = openFolder("hinoban night ");
const bundle = join(folder, "hinoban-agent.mjs");
let mailbox: Mailbox;
let server: ServerProcess;
let browser: Browser;
let owner: ApiClient;
const people: { readonly id: string; readonly email: string; readonly name: string }[] = [];
const burning: ChildProcess[] = [];
let agent: AgentProcess | undefined;

beforeAll(async () => {
  await buildAgent(bundle);
  mailbox = await Mailbox.open();
  browser = await openBrowser();
  const port = await freePort();
  server = await startServer({
    dataDir: join(folder, "data"),
    port,
    env: {
      HINOBAN_AGENT: "false",
      HINOBAN_SMTP_URL: `smtp://127.0.0.1:${mailbox.port}?tls=none`,
      HINOBAN_MAIL_FROM: "Hinoban <hinoban@example.jp>",
      HINOBAN_PUBLIC_URL: `http://127.0.0.1:${port}`,
    },
  });
  owner = await claim(server.url, server.setupUrl);
  for (const [index, name] of ["田中 一郎", "鈴木 花子", "佐々木 健", "高橋 涼"].entries()) {
    const email = `person${index + 1}@example.jp`;
    await joinOrganisation(server.url, owner, {
      to: org,
      email,
      role: "collaborator",
      newPerson: { name, password: `night watch ${index} 1657`, language: "ja", timeZone: "Asia/Tokyo" },
    });
    const { members } = await owner.get<{ members: { id: string; email: string }[] }>("GET", `/api/v1/orgs/${org}/members`);
    people.push({ id: members.find((member) => member.email === email)?.id ?? "", email, name });
  }
});

afterAll(async () => {
  calm();
  await agent?.end();
  await browser.close();
  const code = await server.end();
  await mailbox.close();
  rmSync(folder, { recursive: true, force: true });
  expect(code, "the server stops cleanly").toBe(0);
});

/** Keeps every core busy. */
function burn(): void {
  for (let i = 0; i < availableParallelism(); i += 1) burning.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
}

function calm(): void {
  for (const child of burning.splice(0)) child.kill("SIGKILL");
}

/** How busy the machine is by itself, in percent: other work on it must neither open the alert nor keep it open. */
async function busyness(): Promise<number> {
  const read = (): readonly [busy: number, all: number] => {
    const times = cpus().map((cpu) => cpu.times);
    const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
    return [all - times.reduce((sum, { idle }) => sum + idle, 0), all];
  };
  const [busy, all] = read();
  const began = performance.now();
  await until("three seconds have passed", 10_000, async () => performance.now() - began > 3000);
  const [busyThen, allThen] = read();
  return (100 * (busyThen - busy)) / (allThen - all);
}

/** An agent measures for three seconds after its start and then once a minute: a new one is the quickest way to another figure. */
async function measure(key: string): Promise<void> {
  await agent?.end();
  agent = startAgent(bundle, ["--server", server.url, "--state-dir", join(folder, "agent"), "--first-interval", "3"], {
    HINOBAN_AGENT_KEY: key,
    HINOBAN_AGENT_CONFIG: "none",
  });
}

/** Mails to somebody, oldest first. */
const mailsTo = (person: { readonly email: string } | undefined): Received[] =>
  mailbox.received.filter(({ to }) => person !== undefined && to.includes(person.email));

interface Incident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly responder?: { readonly id: string; readonly name: string };
}

const incidents = async (): Promise<Incident[]> =>
  (await owner.get<{ incidents: Incident[] }>("GET", `/api/v1/orgs/${org}/incidents?state=open&state=taken&state=resolved`)).incidents;

/** The first act link of a mail. */
const linkIn = (received: Received | undefined): string => /https?:\/\/\S+\/act\/[^\s"<>]+/u.exec(received?.mail.text ?? "")?.[0] ?? "";

const newestIncident = async (): Promise<Incident | undefined> => (await incidents())[0];

/** A rule on the machine's load; between what it is by itself and all of it. */
async function watchLoad(key: ApiClient): Promise<number> {
  let busy = 100;
  await until("the machine is not busy with something else", 3 * minute, async () => (busy = await busyness()) < 90);
  const critical = Math.round((100 + busy) / 2);
  await key.get("POST", "/api/v0/monitors", {
    type: "host",
    name: "CPU",
    memo: "",
    metric: "cpu%",
    operator: ">",
    warning: null,
    critical,
    duration: 1,
    maxCheckAttempts: 1,
    scopes: [],
    excludeScopes: [],
  });
  return critical;
}

/** Everybody in order, fifteen seconds each, by mail at any hour. */
async function askInOrder(): Promise<void> {
  const always = { working: ["mail"], outside: ["mail"] };
  const targets = people.map(({ id }) => ({ kind: "person", personId: id }));
  const policy = await owner.get<{ id: string }>("POST", `/api/v1/orgs/${org}/escalation/policies`, {
    name: "夜間当番",
    memo: "",
    rounds: 1,
    pauseSeconds: 0,
    minOpenSeconds: 0,
    ackTimeoutSeconds: 0,
    slope: { information: always, warning: always, error: always, critical: always },
    steps: [{ afterSeconds: 0, mode: "in-order", medium: "mail", waitSeconds: 15, targets }],
    exhausted: { repeatSeconds: 3600 },
  });
  await owner.get("PUT", `/api/v1/orgs/${org}/escalation/bindings`, { bindings: [{ policyId: policy.id }] });
}

/** Measures until the alert is over: the machine may be busy with something else for a while. */
async function measureUntilOver(key: string): Promise<void> {
  const isOver = async (): Promise<boolean> => (await newestIncident())?.state === "resolved";
  for (let i = 0; i < 12 && !(await isOver()); i += 1) {
    await measure(key);
    await until("the alert closes and the incident with it", 12_000, isOver).catch(() => undefined);
  }
  expect((await newestIncident())?.state, "the load falls and all closes").toBe("resolved");
}

test(
  "the load rises, mail goes out, the second person takes it by the link, the fourth is never told, the load falls, all closes",
  { timeout: 6 * minute },
  async () => {
    const key = await withNewKey(owner, "agent", "read-write");
    const critical = await watchLoad(key);
    await askInOrder();
    const [first, second, third, fourth] = people;

    burn();
    await measure(key.apiKey);
    await until("the first person is told", minute, async () => mailsTo(first).length > 0);
    const [told] = mailsTo(first);
    expect(told?.mail.subject).toContain("CPU");
    expect(told?.mail.text).toContain(`> ${critical}`);
    expect(await incidents()).toMatchObject([{ number: 1, state: "open" }]);

    await until("the second person is told, since the first does not answer", minute, async () => mailsTo(second).length > 0);
    const context = await visit(browser, { language: "ja", scheme: "dark", width: 390 });
    const page = await context.newPage();
    await page.goto(linkIn(mailsTo(second)[0]));
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect((await newestIncident())?.state, "opening the link takes nothing").toBe("open");
    await page.getByRole("button", { name: "担当する" }).click();
    await until("the second person has it", 10_000, async () => (await newestIncident())?.responder?.id === second?.id);
    calm();

    const late = await context.newPage();
    await late.goto(linkIn(told));
    await late
      .getByText(second?.name ?? "")
      .first()
      .waitFor();
    expect((await newestIncident())?.responder?.id, "who comes late is told who has it").toBe(second?.id);
    await context.close();

    await measureUntilOver(key.apiKey);
    await until("the responder is told that it is over", 20_000, async () => mailsTo(second).length > 1);
    expectOneThread(mailsTo(second));
    expect(mailsTo(third).length).toBeLessThanOrEqual(1);
    expect(mailsTo(fourth), "the fourth slept on").toEqual([]);
    const story = await ledgerStory();
    expect(inOrder(story, ["alert.opened", "incident.taken", "alert.closed", "incident.resolved"]), story.join(" ")).toBe(true);
  },
);

function expectOneThread([opening, ...later]: readonly Received[]): void {
  const first = opening?.mail.references ?? opening?.mail.messageId ?? "";
  const root = /<[^>]+>/u.exec(first)?.[0] ?? first;
  for (const { mail } of later) expect(mail.references ?? mail.inReplyTo, "one thread").toContain(root);
}

async function ledgerStory(): Promise<string[]> {
  const { entries } = await owner.get<{ entries: { verb: string }[] }>("GET", `/api/v1/orgs/${org}/ledger?limit=200`);
  return entries.map((entry) => entry.verb).toReversed();
}

/** Whether the words come in this order, whatever stands between them. */
function inOrder(words: readonly string[], wanted: readonly string[]): boolean {
  let from = 0;
  return wanted.every((word) => {
    const at = words.indexOf(word, from);
    from = at + 1;
    return at >= 0;
  });
}

process.once("exit", calm); // whatever happens to this test, the cores are left alone
