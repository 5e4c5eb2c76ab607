import { chownSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AddressRules } from "#base/ip-networks";
import { Secret } from "#base/secret";
import { openSources, type Sources } from "#features/sources";
import { startDaemon, withDaemons } from "#test/daemons";
import { openFolder } from "#test/folder";
import { withIncidents } from "#test/incidents-rig";
import { quietLog } from "#test/quiet-log";
import { freePort } from "#test/server-process";
import { TestAuthority } from "#test/test-authority";
import { until } from "#test/until";
import type { Mailbox } from "#wire/sources";
import { ImapMailboxReader } from "../../src/adapters/mailbox/imap.ts";
import { SystemClock } from "../../src/adapters/clock/system.ts";
import { createSource } from "../../src/server/features/sources/create-source.ts";
import { tryMailbox } from "../../src/server/features/sources/try-mailbox.ts";

const rig = withIncidents();
withDaemons();
let sources: Sources;
let stop: () => Promise<void>;
let port = 0;
let home = "";
let delivered = 0;

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** Debian's dovecot with one mailbox, as it is after an installation of its own. */
async function startDovecot(): Promise<void> {
  home = openFolder("hinoban-imap-");
  const { certFile, keyFile } = new TestAuthority(join(home, "ca")).issue({ name: "imap", names: ["IP:127.0.0.1"] });
  port = await freePort();
  for (const name of ["", "new", "cur", "tmp"]) {
    mkdirSync(join(home, "mail", name), { recursive: true });
    if (isRoot) chownSync(join(home, "mail", name), nobody, nobody);
  }
  writeFileSync(
    join(home, "conf"),
    `protocols = imap\nbase_dir = ${home}/run\nlog_path = ${home}/log\nssl = yes\nssl_cert = <${certFile}\nssl_key = <${keyFile}\nlisten = 127.0.0.1\n` +
      `mail_location = maildir:${home}/mail\ndefault_internal_user = nobody\ndefault_login_user = nobody\ndefault_internal_group = nogroup\n` +
      `passdb {\n driver = static\n args = password=right\n}\nuserdb {\n driver = static\n args = uid=${nobody} gid=${nobody} home=${home}/mail\n}\n` +
      `service imap-login {\n chroot =\n inet_listener imap {\n port = ${port}\n }\n inet_listener imaps {\n port = 0\n }\n}\n`,
  );
  await startDaemon("dovecot", ["-F", "-c", join(home, "conf")], { port });
}

/** As a delivery agent does: written elsewhere, then moved. */
function deliver(raw: Buffer | string, age = 0): void {
  const file = join(home, "mail", "new", `${1_795_000_000 + ++delivered}.M${delivered}.example`);
  writeFileSync(file, raw);
  utimesSync(file, Date.now() / 1000, Date.now() / 1000 - age);
  if (isRoot) chownSync(file, nobody, nobody);
}

const mailbox = (more: Partial<Mailbox> = {}): Mailbox => ({
  host: "127.0.0.1",
  port,
  security: "starttls",
  verifiesTls: false,
  userName: "alerts",
  password: "right",
  folder: "INBOX",
  marksSeen: true,
  unmatched: "alert",
  rules: [{ action: "alert", subject: "[*] * *", name: "{3}", key: "{2}/{3}", host: "{2}", closes: "[復旧]" }],
  ...more,
});

beforeAll(async () => {
  await startDovecot();
  const { people, inventory, incidents } = rig;
  sources = openSources({
    db: people.identity.db,
    clock: new SystemClock(),
    inventory,
    incidents,
    outgoing: { send: () => Promise.reject(new Error("nothing is sent in this test")) },
    mailboxes: new ImapMailboxReader(new SystemClock(), new AddressRules({ denied: [] })),
    isSound: () => true,
    serverKey: new Secret("a server key for tests"),
    log: quietLog,
  });
  stop = sources.start();
});
afterAll(() => stop());

const alertsOf = async (id: string) =>
  (
    await rig.people.owner.query<{ key: string; status: string; name: string }>(
      "select key, status, name from incidents_alert where origin_id = $1 order by opened_at, key",
      [id],
    )
  ).rows;

/** 障害 in ISO-2022-JP. */
const trouble = "\u001B$B>c32\u001B(B";
const over = "\u001B$BI|5l\u001B(B";

const mail = (id: string, subject: string, body = "body"): Buffer =>
  Buffer.from(
    `From: monitor@example.jp\r\nMessage-ID: <${id}@example.jp>\r\nSubject: ${subject}\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n${body}\r\n`,
    "latin1",
  );
const word = (text: string): string => `=?ISO-2022-JP?B?${Buffer.from(text, "latin1").toString("base64")}?=`;

test("Debian's dovecot tells of mail in old encodings at once; each opens and closes an alert once, whatever its UIDs", async () => {
  const { people } = rig;
  expect(await tryMailbox(sources, people.first.actor, { mailbox: mailbox() })).toEqual({ ok: true, mails: 0 });
  const wrong = (more: Partial<Mailbox>) => tryMailbox(sources, people.first.actor, { mailbox: mailbox(more) });
  expect(await wrong({ verifiesTls: true })).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/certificate|self.signed|issuer/u),
  });
  expect(await wrong({ folder: "Nothing" })).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^The folder Nothing at 127\.0\.0\.1 cannot be opened: Mailbox doesn't exist/u),
  });

  deliver(mail("old", "[x] before anybody looked"), 3600);
  const { source } = await createSource(sources, people.first.actor, {
    kind: "mail",
    name: "監視メール",
    defaultSeverity: "error",
    mailbox: mailbox(),
  });
  sources.onChange(undefined);
  const looked = "select looked_at, problem, validity from sources_mailbox where source_id = $1";
  await until(
    "it was looked at",
    8000,
    async () => (await people.owner.query<{ looked_at: string | null }>(looked, [source.id])).rows[0]?.looked_at,
  );

  const began = performance.now();
  deliver(mail("1", word(`[${trouble}] web01 disk`), trouble));
  await until("the alert is open", 8000, async () => (await alertsOf(source.id)).length === 1);
  const took = performance.now() - began;
  expect(took).toBeLessThan(3000);
  expect(await alertsOf(source.id)).toEqual([{ key: "web01/disk", status: "CRITICAL", name: "disk" }]);
  deliver(mail("1", word(`[${trouble}] web01 disk`))); // delivered twice
  deliver(mail("2", `[${over}] web01 disk`)); // without any encoding, as old programs do
  await until("it is closed", 8000, async () => (await alertsOf(source.id))[0]?.status === "OK");

  await stop();
  // The folder is made anew behind our back: every mail has another UID now.
  rmSync(join(home, "mail", "dovecot-uidlist"));
  rmSync(join(home, "mail", "dovecot.index.log"), { force: true });
  rmSync(join(home, "mail", "dovecot.index"), { force: true });
  deliver(mail("3", "news", "a".repeat(2_000_000)));
  const again = openSources({ ...depsOf(sources) });
  stop = again.start();
  await until("the new mail was taken", 8000, async () => (await alertsOf(source.id)).length === 2);
  expect((await alertsOf(source.id)).map(({ name, status }) => `${name} ${status}`)).toEqual(["disk OK", "news CRITICAL"]);
  const { rows } = await people.owner.query("select effect from sources_signal where source_id = $1", [source.id]);
  expect(rows).toHaveLength(3);
});

const depsOf = ({ db, clock, inventory, incidents, outgoing, mailboxes, isSound, serverKey, log }: Sources) => ({
  db,
  clock,
  inventory,
  incidents,
  outgoing,
  ...(mailboxes ? { mailboxes } : {}),
  isSound,
  serverKey,
  log,
});
