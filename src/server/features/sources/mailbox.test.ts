import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { Secret } from "#base/secret";
import { createApp, type Served } from "#http";
import { FakeMailbox } from "#ports/mailbox/fake";
import { withIncidents } from "#test/incidents-rig";
import { quietLog } from "#test/quiet-log";
import { until } from "#test/until";
import { createKey } from "#test/verbs";
import type { Mailbox } from "#wire/sources";
import { registerSources } from "./routes.ts";
import { openSources, type Sources } from "./sources.ts";

const rig = withIncidents();
let sources: Sources;
let served: Served;
let box: FakeMailbox;
let stop: () => Promise<void>;
let key = "";
let readKey = "";

const mailbox: Mailbox = {
  host: "imap.example.jp",
  port: 993,
  security: "tls",
  verifiesTls: true,
  userName: "alerts",
  password: "secret of the mailbox",
  folder: "INBOX",
  marksSeen: true,
  unmatched: "alert",
  rules: [{ action: "alert", subject: "*: * on *", name: "{2}", key: "{3}/{2}", severity: "critical", closes: "RECOVERY:" }],
};

beforeAll(async () => {
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] }), gate: rig.people.gate };
  box = new FakeMailbox();
  sources = openSources({
    db: rig.people.identity.db,
    clock: rig.people.clock,
    inventory: rig.inventory,
    incidents: rig.incidents,
    outgoing: { send: async () => ({ status: 200, headers: {}, bytes: new Uint8Array(), text: "" }) },
    mailboxes: { open: (place) => box.open(place) },
    isSound: () => true,
    serverKey: new Secret("a server key for tests"),
    log: quietLog,
  });
  await registerSources(served, sources);
  const made = (rights: "read-write" | "read") => createKey(rig.people.identity, rig.people.first.actor, { name: rights, rights });
  key = (await made("read-write")).secret.reveal();
  readKey = (await made("read")).secret.reveal();
  stop = sources.start();
});
afterAll(async () => {
  await stop();
  await served.app.close();
});
beforeEach(async () => {
  box.cut();
  await rig.people.owner.query("delete from sources_source");
  box = new FakeMailbox();
  await rig.people.acts();
});

async function ask(method: "GET" | "POST" | "PUT", path: string, body?: object, by = key) {
  const url = `/api/v1/orgs/first/alert-sources${path}`;
  const response = await served.app.inject({ method, url, headers: { "x-api-key": by }, ...(body ? { payload: body } : {}) });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}

async function create(more: Partial<Mailbox> = {}): Promise<string> {
  const { body } = await ask("POST", "", {
    kind: "mail",
    name: "監視メール",
    defaultSeverity: "warning",
    mailbox: { ...mailbox, ...more },
  });
  const { id } = body["source"] as { id: string };
  sources.onChange(undefined);
  return id;
}

const lookedAt = (id: string) =>
  until("the mailbox was looked at", 5000, async () => (await ask("GET", `/${id}`)).body["lookedAt"] !== undefined);

const alerts = async (id: string): Promise<unknown[]> => {
  const { rows } = await rig.people.owner.query<{ key: string; status: string; name: string }>(
    "select key, status, name from incidents_alert where origin_id = $1 order by opened_at, name",
    [id],
  );
  return rows;
};

const effects = async (id: string): Promise<unknown[]> =>
  ((await ask("GET", `/${id}/signals`)).body["signals"] as { effect: string }[]).map(({ effect }) => effect);

test("mails open and close alerts once each, and are marked only then", async () => {
  const now = rig.people.clock.now();
  box.put({ subject: "old: news on web00" }, now - minutes(1));
  const id = await create();
  await lookedAt(id);
  box.put({ subject: "PROBLEM: disk full on web01" }, now);
  box.put({ subject: "PROBLEM: disk full on web01", id: "2@example.jp" }, now); // the same mail again
  box.put({ subject: "hello" }, now);
  await until("three mails were looked at", 5000, async () => box.seen.size === 3);
  expect(await alerts(id)).toEqual([
    { key: "web01/disk full", status: "CRITICAL", name: "disk full" },
    { key: "mail:4@example.jp", status: "WARNING", name: "hello" },
  ]);
  box.put({ subject: "RECOVERY: disk full on web01" }, now);
  await until("it is closed", 5000, async () => (await alerts(id)).some((one) => JSON.stringify(one).includes('"OK"')));
  // Whatever makes somebody read it all again: nothing happens twice.
  box.renumber();
  box.put({ subject: "after" }, now);
  await until("the new one was taken", 5000, async () => {
    await rig.people.clock.advance(seconds(5));
    return (await effects(id)).length === 4;
  });
  expect(await effects(id)).toEqual(["taken", "taken", "taken", "taken"]);
  expect(box.opened.length).toBeGreaterThan(1);
  expect(box.opened[0]?.password.reveal()).toBe("secret of the mailbox");
});

test("a mailbox that cannot be read says so, opens an alert after a while and closes it when it can be read again", async () => {
  box.problem = "The mail server imap.example.jp does not let alerts in";
  const id = await create();
  const state = async () => (await ask("GET", `/${id}`)).body;
  await until("it says so", 5000, async () => (await state())["state"] === "failing");
  expect(await state()).toMatchObject({ problem: expect.stringContaining("does not let") });
  await until("it is told of", 5000, async () => {
    await rig.people.clock.advance(minutes(1));
    return (await alerts(id)).length === 1;
  });
  expect(await alerts(id)).toMatchObject([{ key: "mailbox", status: "CRITICAL" }]);
  box.problem = undefined;
  await until("it works again", 5000, async () => {
    await rig.people.clock.advance(minutes(1));
    return (await state())["state"] !== "failing";
  });
  await until("the alert is closed", 5000, async () => JSON.stringify(await alerts(id)).includes('"OK"'));
});

test("the password is never told and goes nowhere else", async () => {
  const id = await create();
  await rig.people.acts();
  const { password: _password, ...kept } = mailbox;
  const change = (more: Partial<Mailbox>, by = key) =>
    ask("PUT", `/${id}`, { name: "監視メール", defaultSeverity: "warning", mailbox: { ...kept, ...more } }, by);
  expect((await change({})).status).toBe(200);
  for (const more of [{ host: "evil.example" }, { security: "none" }, { verifiesTls: false }, { userName: "other" }] as const) {
    expect(await change(more)).toMatchObject({ status: 400, body: { detail: expect.stringContaining("typed again") } });
  }
  expect(await change({ unmatched: "ignore" })).toMatchObject({ status: 200, body: { mailbox: { unmatched: "ignore" } } });
  expect(JSON.stringify((await ask("GET", "")).body)).not.toContain("secret of the mailbox");
  expect((await change({}, readKey)).status).toBe(403);
  const changes = (await rig.people.acts()).filter(({ verb, outcome }) => verb === "alert-source.changed" && outcome === "done");
  expect(changes).toHaveLength(1);
});

test("signing in can be tried, and a mail read, before anything is kept", async () => {
  expect(await ask("POST", "/try-mailbox", { mailbox })).toMatchObject({ status: 200, body: { ok: true, mails: 0 } });
  box.problem = "No.";
  expect((await ask("POST", "/try-mailbox", { mailbox })).body).toEqual({ ok: false, problem: "No." });
  expect((await ask("POST", "/try-mailbox", { mailbox }, readKey)).status).toBe(403);
  const acts = (await rig.people.acts()).filter(({ verb, outcome }) => verb === "alert-source.mailbox-tried" && outcome === "done");
  expect(acts).toHaveLength(2);
  const { rules, unmatched } = mailbox;
  const mail = { defaultSeverity: "error", mailbox: { rules, unmatched }, from: "a@b.example", subject: "PROBLEM: x on y", body: "z" };
  expect((await ask("POST", "/try-mail", mail)).body).toMatchObject({ items: [{ key: "y/x", isOpen: true }] });
});

test.each([
  [
    "pagerduty",
    "/v2/enqueue",
    { routing_key: "k", event_action: "trigger", dedup_key: "d", payload: { summary: "disk", source: "web01", severity: "critical" } },
  ],
  ["opsgenie", "/v2/alerts", { message: "disk", alias: "d", priority: "P1", entity: "web01" }],
] as const)("a tool that speaks to %s can speak to us", async (kind, path, opening) => {
  const { body } = await ask("POST", "", { kind, name: kind, defaultSeverity: "warning" });
  const { source, path: base } = body as { source: { id: string }; path: string };
  const post = async (url: string, payload: object) =>
    served.app.inject({ method: "POST", url: `${base}${url}`, headers: { authorization: "GenieKey any" }, payload });
  const opened = await post(path, opening);
  expect(opened.statusCode).toBe(202);
  expect(await alerts(source.id)).toEqual([{ key: "d", status: "CRITICAL", name: "disk" }]);
  const closing: Readonly<Record<typeof kind, readonly [string, object]>> = {
    pagerduty: [path, { ...opening, event_action: "resolve", payload: undefined }],
    opsgenie: ["/v2/alerts/d/close?identifierType=alias", {}],
  };
  const acknowledging: Readonly<Record<typeof kind, readonly [string, object]>> = {
    pagerduty: [path, { ...opening, event_action: "acknowledge" }],
    opsgenie: ["/v2/alerts/d/acknowledge?identifierType=alias", {}],
  };
  expect((await post(...acknowledging[kind])).statusCode).toBe(202);
  expect((await post(...closing[kind])).statusCode).toBe(202);
  expect(await alerts(source.id)).toMatchObject([{ key: "d", status: "OK" }]);
  // What is not understood is kept and told of, not refused: the sender would throw it away.
  expect((await post(path, { nonsense: true })).statusCode).toBe(202);
  expect(await alerts(source.id)).toContainEqual(expect.objectContaining({ key: "unread" }));
  expect(JSON.stringify((await ask("GET", `/${source.id}/signals`)).body)).not.toContain('routing_key\\":\\"k');
});
