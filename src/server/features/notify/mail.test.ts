import { describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import { headerOf, Mailbox } from "#test/mailbox";
import { mailSetup, notice, openNotifyRig } from "#test/notify-rig";
import { firstEmail } from "#test/people";
import type { MailServerInput } from "#wire/notify-people";
import { changeMailServer, removeMailServer } from "./change-mail-server.ts";
import { readMailServerState } from "./mail-server.ts";
import type { Sending } from "./model.ts";
import { testMailServer } from "./test-mail-server.ts";

const of = withChannels();
const { people, create, to } = of;
const me = () => people.first.actor;
const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const actions = [{ action: "take", label: "担当する", url: "https://hinoban.example/act/abc", token: "t" }] as const;

const toMe = (key: string, more: Partial<Sending> = {}): Sending => ({
  to: { kind: "person", personId: me().personId, medium: "mail" },
  key,
  about: "incident:1",
  isUrgent: true,
  write: () => notice({ actions }),
  ...more,
});

const inputOf = (mailbox: Mailbox, more: Partial<MailServerInput> = {}): MailServerInput => ({
  host: "127.0.0.1",
  port: mailbox.port,
  security: "none",
  verifiesTls: false,
  userName: "",
  fromAddress: "own@example.jp",
  fromName: "Own",
  bounceAddress: "",
  encoding: "utf-8",
  ...more,
});

describe("a mail", () => {
  test("to a person has links that act in their name; one to a channel has none", async () => {
    const { id } = await create("email", { emails: ["a@example.jp", "b@example.jp"], personIds: [me().personId] });
    await of.rig.send(toMe("me"), to(id, "all", { actions }));
    const mails = of.rig.mailbox.received.toSorted((a, b) => String(a.to).localeCompare(String(b.to)));
    expect(mails.map((mail) => mail.to)).toEqual([["a@example.jp"], ["b@example.jp"], [firstEmail], [firstEmail]]);
    const withLinks = mails.filter(({ mail }) => `${mail.text}${mail.html}`.includes("/act/abc"));
    expect(withLinks.map((mail) => mail.to)).toEqual([[firstEmail]]);
    expect(new Set(mails.map((mail) => headerOf(mail, "message-id"))).size).toBe(4);
  });

  test("stands in the thread of its incident, and says the same in text and HTML, with everything foreign escaped", async () => {
    const evil = "<script>alert(1)</script>\"'&";
    await of.rig.send(toMe("1", { write: () => notice({ title: evil, summary: evil, facts: [{ label: evil, value: evil }] }) }));
    await of.rig.send(toMe("2"));
    const [first, second] = of.rig.mailbox.received;
    const thread = first && headerOf(first, "references");
    expect(thread).toMatch(/^<thread\.[0-9a-f]{20}@hinoban\.example>$/u);
    expect(second && headerOf(second, "references")).toBe(thread);
    expect(second && headerOf(second, "in-reply-to")).toBe(thread);
    expect(first?.mail.html).not.toContain("<script>");
    expect(first?.mail.html).toContain("&lt;script&gt;");
    expect(first?.mail.subject).toBe(evil);
    expect(first?.mail.text).toContain(evil);
  });

  test("shows its graph inside, and goes without when the graph cannot be drawn", async () => {
    const drawing = await openNotifyRig(people, { mailbox: of.rig.mailbox, pictures: async () => png });
    const picture = { source: "h", metric: "cpu%", at: people.clock.now() };
    await drawing.send(toMe("drawn", { write: () => notice({ picture }) }));
    expect(of.rig.mailbox.received[0]?.mail.attachments).toMatchObject([{ contentId: "<graph@hinoban>", disposition: "inline" }]);
    expect(of.rig.mailbox.received[0]?.mail.html).toContain('src="cid:graph@hinoban"');
    await drawing.close();
    const failing = await openNotifyRig(people, {
      mailbox: of.rig.mailbox,
      log: { warn: () => undefined },
      pictures: () => Promise.reject(new Error("no")),
    });
    await failing.send(toMe("not drawn", { write: () => notice({ picture }) }));
    expect(of.rig.mailbox.received[1]?.mail.attachments).toEqual([]);
    await failing.close();
  });

  test("to several goes again only to those who do not have it", async () => {
    const { id } = await create("email", { emails: ["a@example.jp", "b@example.jp"], personIds: [] });
    of.rig.mailbox.refusedAddresses.set("b@example.jp", { code: 450, text: "4.2.1 later" });
    await of.rig.send(to(id, "two"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "retrying" });
    of.rig.mailbox.refusedAddresses.clear();
    await people.clock.advance(minutes(1));
    await of.rig.work();
    expect(of.rig.mailbox.received.map((mail) => mail.to)).toEqual([["a@example.jp"], ["b@example.jp"]]);
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
  });

  test("that one of several addresses refuses for good reaches the others and says so", async () => {
    const { id } = await create("email", { emails: ["a@example.jp", "gone@example.jp"], personIds: [] });
    of.rig.mailbox.refusedAddresses.set("gone@example.jp", { code: 550, text: "5.1.1 nobody" });
    await of.rig.send(to(id, "two"));
    expect(of.rig.mailbox.received.map((mail) => mail.to)).toEqual([["a@example.jp"]]);
    const { rows } = await people.owner.query("select state, problem from notify_delivery");
    expect(rows).toEqual([{ state: "sent", problem: expect.stringContaining("5.1.1 nobody") }]);
  });

  test("that an address does not take for now reaches everybody behind it, and the mail server is not blamed", async () => {
    const { id } = await create("email", { emails: ["slow@example.jp", "a@example.jp", "b@example.jp"], personIds: [] });
    await people.owner.query("delete from notify_mail_health");
    of.rig.mailbox.refusedAddresses.set("slow@example.jp", { code: 450, text: "4.2.2 mailbox full" });
    await of.rig.send(to(id, "three"));
    const reached = () => of.rig.mailbox.received.map((mail) => mail.to);
    expect(reached()).toEqual([["a@example.jp"], ["b@example.jp"]]);
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "retrying", problem: expect.stringContaining("4.2.2 mailbox full") });
    const { rows } = await people.owner.query("select failures from notify_mail_health where failures > 0");
    expect(rows).toEqual([]);
    of.rig.mailbox.refusedAddresses.clear();
    await people.clock.advance(minutes(1));
    await of.rig.work();
    expect(reached()).toEqual([["a@example.jp"], ["b@example.jp"], ["slow@example.jp"]]);
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
  });

  test("that a server puts off because it is about to close is the server's fault", async () => {
    await people.owner.query("delete from notify_mail_health");
    of.rig.mailbox.refusedAddresses.set(firstEmail, { code: 421, text: "4.3.2 going down" });
    await of.rig.send(toMe("closing"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "retrying" });
    const { rows } = await people.owner.query("select failures from notify_mail_health");
    expect(rows).toEqual([{ failures: 1 }]);
    await people.owner.query("delete from notify_delivery");
  });

  test("that reached nobody in the end has failed, whenever each address refused it", async () => {
    const { id } = await create("email", { emails: ["gone@example.jp", "slow@example.jp"], personIds: [] });
    of.rig.mailbox.refusedAddresses.set("gone@example.jp", { code: 550, text: "5.1.1 nobody" });
    of.rig.mailbox.refusedAddresses.set("slow@example.jp", { code: 450, text: "4.2.1 later" });
    await of.rig.send(to(id, "none"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "retrying" });
    of.rig.mailbox.refusedAddresses.set("slow@example.jp", { code: 550, text: "5.1.1 nobody" });
    await people.clock.advance(minutes(1));
    await of.rig.work();
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "failed" });
  });

  test("names its message to bounces, in a way that nobody can make up", async () => {
    const bouncing = await openNotifyRig(people, {
      mailbox: of.rig.mailbox,
      mail: mailSetup(of.rig.mailbox, { bounceAddress: "bounce@hinoban.example" }),
    });
    const [id] = await bouncing.send(toMe("bounce"));
    expect(of.rig.mailbox.received[0]?.envelopeFrom).toMatch(new RegExp(`^bounce\\+${id}\\.[0-9a-f]{8}@hinoban\\.example$`, "u"));
    await bouncing.close();
  });

  test("repeated after a connection that broke is the same mail", async () => {
    let count = 0;
    of.rig.mailbox.onMail = async () => {
      count += 1;
      if (count === 1) of.rig.mailbox.dropAll();
    };
    await of.rig.send(toMe("cut"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "retrying" });
    await people.clock.advance(minutes(1));
    await of.rig.work();
    const ids = of.rig.mailbox.received.map((mail) => headerOf(mail, "message-id"));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("the mail server", () => {
  test("of an organisation carries its mail; without one, the installation's does; without any, everything fails at once", async () => {
    const own = await Mailbox.open();
    expect(await changeMailServer(of.rig.notify, me(), inputOf(own))).toMatchObject({
      source: "organisation",
      server: { host: "127.0.0.1", hasPassword: false },
    });
    await of.rig.send(toMe("own"));
    expect(own.received[0]?.mail.from).toMatchObject({ address: "own@example.jp", name: "Own" });
    expect(await removeMailServer(of.rig.notify, me())).toMatchObject({ source: "installation" });
    await of.rig.send(toMe("installation"));
    expect(of.rig.mailbox.received).toHaveLength(1);
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(["mail-server.changed", "mail-server.removed"]);
    await own.close();
  });

  test("must offer STARTTLS when that is set, with a certificate that is valid, and takes a password", async () => {
    const plain = await Mailbox.open();
    const secure = await Mailbox.open({ isTls: true, user: { name: "u", password: "pässword" } });
    const outcome = async (input: MailServerInput) =>
      (await testMailServer(of.rig.notify, me(), { to: "x@example.jp", server: input })).problem;
    expect(await outcome(inputOf(plain, { security: "starttls" }))).toMatch(/STARTTLS/iu);
    const right = inputOf(secure, { security: "starttls", userName: "u", password: "pässword" });
    expect(await outcome(right)).toBeUndefined();
    expect(secure.received.at(-1)?.isTls).toBe(true);
    expect(await outcome({ ...right, verifiesTls: true })).toMatch(/certificate|self.signed/iu);
    expect(await outcome({ ...right, password: "wrong" })).toMatch(/535/u);
    expect(await outcome(inputOf(secure, { port: 1 }))).toMatch(/refused|CONN|ECONNREFUSED/iu);
    await Promise.all([plain.close(), secure.close()]);
  });

  test("keeps its password sealed and for itself", async () => {
    const own = await Mailbox.open();
    const input = inputOf(own, { security: "opportunistic", userName: "u", password: "himitsu" });
    await changeMailServer(of.rig.notify, me(), input);
    const { rows } = await people.owner.query<{ password: Buffer }>("select password from notify_mail_server");
    expect(rows[0]?.password.toString("latin1")).not.toContain("himitsu");
    const { password: _password, ...kept } = input;
    await changeMailServer(of.rig.notify, me(), { ...kept, fromName: "Other" });
    await expect(changeMailServer(of.rig.notify, me(), { ...kept, host: "evil.example" })).rejects.toMatchObject({
      facts: { fields: [{ field: "password" }] },
    });
    await expect(
      testMailServer(of.rig.notify, me(), { to: "a@example.jp", server: { ...kept, host: "evil.example" } }),
    ).rejects.toMatchObject({ code: "invalid-input" });
    await removeMailServer(of.rig.notify, me());
    await own.close();
  });

  test("is for managers", async () => {
    const somebody = (await people.join(people.first, "collaborator")).actor;
    for (const act of [
      () => changeMailServer(of.rig.notify, somebody, inputOf(of.rig.mailbox)),
      () => removeMailServer(of.rig.notify, somebody),
      () => testMailServer(of.rig.notify, somebody, { to: "a@example.jp" }),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "forbidden", facts: { permission: "mail-server.change" } });
    }
  });

  test("that does not answer is told of after a while, and when it works again; messages wait", async () => {
    const told: (string | undefined)[] = [];
    const end = of.rig.notify.listen({ mailFailing: async (_tx, _at, problem) => void told.push(problem) });
    const { server } = of.rig.mailbox;
    const down = await Mailbox.open();
    await down.close();
    await changeMailServer(of.rig.notify, me(), { ...inputOf(of.rig.mailbox), port: 1 });
    for (let minute = 0; minute < 8; minute++) {
      await of.rig.send(toMe(`down ${minute}`));
      await people.clock.advance(minutes(1));
    }
    expect(told).toEqual([expect.stringContaining("127.0.0.1")]);
    const state = () => of.rig.notify.db.tx({ organisationId: me().organisationId }, (tx) => readMailServerState(of.rig.notify, tx));
    expect(await state()).toMatchObject({ failingSince: expect.any(Number), problem: expect.stringContaining("127.0.0.1") });
    expect(server.port).toBe(of.rig.mailbox.port);
    await people.owner.query("update notify_mail_server set port = $1", [of.rig.mailbox.port]);
    await people.clock.advance(minutes(15));
    await of.rig.work();
    expect(told).toEqual([expect.any(String), undefined]);
    expect(of.rig.mailbox.received).toHaveLength(8);
    await removeMailServer(of.rig.notify, me());
    end();
  });
});
