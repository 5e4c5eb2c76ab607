import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultSlope } from "#wire/escalation";
import { claim, ownerAccount, withNewKey, type ApiClient } from "#test/api-client";
import { openFolder } from "#test/folder";
import { headerOf, Mailbox } from "#test/mailbox";
import { freePort, startServer, type ServerProcess } from "#test/server-process";
import { until } from "#test/until";

/** Each round kills the server once, in another state of a run and at another moment of it. */
const rounds = 20;
const names = ["first", "second", "third"] as const;

const folder = openFolder("hinoban-escalation-kill-");
const dataDir = join(folder, "data");
let mailbox: Mailbox;
let port: number;
let server: ServerProcess;
let key: ApiClient;
const people = new Map<string, string>();

beforeAll(async () => {
  mailbox = await Mailbox.open();
  port = await freePort();
  server = await start();
  const owner = await claim(server.url, server.setupUrl);
  key = await withNewKey(owner);
  for (const name of names) people.set(name, await invited(owner, name));
  const { id } = await key.get<{ id: string }>("POST", "/api/v1/orgs/main/escalation/policies", {
    name: "Under fire",
    memo: "",
    rounds: 1,
    pauseSeconds: 0,
    minOpenSeconds: 0,
    ackTimeoutSeconds: 0,
    slope: defaultSlope,
    exhausted: { repeatSeconds: 86_400 },
    steps: [
      {
        afterSeconds: 0,
        mode: "in-order",
        medium: "mail",
        waitSeconds: 10,
        targets: names.map((name) => ({ kind: "person", personId: people.get(name) })),
      },
    ],
  });
  await key.get("PUT", "/api/v1/orgs/main/escalation/bindings", { bindings: [{ policyId: id }] });
});
afterAll(async () => {
  await server.end("SIGKILL");
  mailbox.dropAll();
  await mailbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (): Promise<ServerProcess> =>
  startServer({
    dataDir,
    port,
    args: ["--no-agent"],
    env: { HINOBAN_SMTP_URL: `smtp://127.0.0.1:${mailbox.port}?tls=none`, HINOBAN_MAIL_FROM: "alert@hinoban.example" },
  });

async function invited(owner: ApiClient, name: string): Promise<string> {
  const email = `${name}@example.jp`;
  const { path } = await owner.get<{ path: string }>("POST", "/api/v1/orgs/main/invitations", { email, role: "collaborator" });
  const newPerson = { name, password: "correct horse 42", language: "en", timeZone: "Asia/Tokyo" };
  const { person } = await key.get<{ person: { id: string } }>("POST", `/api/v1/invitations/${path.split("#")[1] ?? ""}`, { newPerson });
  return person.id;
}

/** An act of somebody while the server may die: whether it was acknowledged. */
async function act(path: string, body: object): Promise<string | undefined> {
  try {
    const answer = await key.call<{ id: string }>("POST", `/api/v1/orgs/main/incidents${path}`, body);
    return answer.status < 300 ? answer.body.id : undefined;
  } catch {
    return undefined; // the connection was cut: nothing was acknowledged, nothing is owed
  }
}

interface Attempt {
  readonly personId: string;
  readonly ladder: number;
  readonly round: number;
  readonly step: number;
  readonly state: string;
  readonly medium: string;
}

/** Everybody who was told of an incident, or is about to be. */
const toldOf = async (id: string): Promise<Attempt[]> => {
  const { runs } = await key.get<{ runs: { attempts: Attempt[] }[] }>("GET", `/api/v1/orgs/main/incidents/${id}/escalation`);
  return runs.flatMap(({ attempts }) => attempts.filter(({ state }) => state !== "skipped"));
};

/** Message-IDs of the mails to somebody about an incident, each as often as it came. */
const mailsOf = (number: number, email: string): string[] =>
  mailbox.received
    .filter(({ to, mail }) => to.includes(email) && (mail.subject ?? "").endsWith(`#${number}`))
    .map((mail) => headerOf(mail, "message-id") ?? "");

/** Where the server dies: what was just asked of it, and how many milliseconds later. */
const moments = (round: number) => ({ declines: round % 4, delay: (round * 37) % 160 });

async function strike(round: number, acknowledged: Set<string>): Promise<void> {
  const { declines, delay } = moments(round);
  const driven = drive(round, declines, acknowledged);
  if (declines > 0) await driven;
  await new Promise((resolve) => setTimeout(resolve, delay));
  await server.end("SIGKILL");
  await driven;
  server = await start();
}

/** Opens an incident, and lets as many say that they cannot. */
async function drive(round: number, declines: number, acknowledged: Set<string>): Promise<void> {
  const id = await act("", { title: `Round ${round}`, severity: "critical" });
  if (id === undefined) return;
  acknowledged.add(id);
  for (const name of names.slice(0, declines)) await act(`/${id}/decline`, { person: people.get(name) });
}

test(`no notification is lost and none is made twice for the same step in ${rounds} rounds of kill -9`, async () => {
  const acknowledged = new Set<string>();
  for (let round = 0; round < rounds; round += 1) await strike(round, acknowledged);
  expect(acknowledged.size).toBeGreaterThan(rounds / 2);
  const emails = new Map([...people].map(([name, id]) => [id, `${name}@example.jp`]));
  for (const id of acknowledged) {
    const { number } = await key.get<{ number: number }>("GET", `/api/v1/orgs/main/incidents/${id}`);
    // A message that was on its way when the server died is claimed until its lease ends: two minutes.
    await until(`everybody was told of incident ${number}, up to the owner`, 240_000, async () => {
      const attempts = await toldOf(id);
      return attempts.some(({ ladder }) => ladder === 1) && attempts.every(({ state }) => state === "sent");
    });
    const attempts = await toldOf(id);
    const steps = attempts.map(({ personId, ladder, round, step }) => [personId, ladder, round, step].join(" "));
    expect(new Set(steps).size, `incident ${number}`).toBe(steps.length);
    for (const { personId } of attempts) {
      // The same message may come again when it left in the very moment of the kill: mail programs show it once.
      const mails = new Set(mailsOf(number, emails.get(personId) ?? ownerAccount.email));
      expect(mails.size, `incident ${number} to ${emails.get(personId) ?? "the owner"}`).toBe(1);
    }
    const strangers = [...emails].filter(
      ([personId, email]) => !attempts.some((one) => one.personId === personId) && mailsOf(number, email).length > 0,
    );
    expect(strangers).toEqual([]);
  }
  const again = mailbox.received.length - new Set(mailbox.received.map((mail) => headerOf(mail, "message-id"))).size;
  expect(again).toBeLessThanOrEqual(rounds);
  const verification = await key.get<{ isIntact: boolean }>("POST", "/api/v1/orgs/main/ledger/verification");
  expect(verification.isIntact).toBe(true);
});
