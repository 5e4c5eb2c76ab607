import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, seconds } from "#base/duration";
import { headerOf } from "#test/mailbox";
import { notice, openNotifyRig, type NotifyRig } from "#test/notify-rig";
import { firstEmail, withPeople } from "#test/people";
import type { Sending } from "./model.ts";

const people = withPeople();
let rig: NotifyRig;

beforeAll(async () => {
  rig = await openNotifyRig(people);
});
afterAll(() => rig.close());
beforeEach(async () => {
  rig.mailbox.clear();
  rig.outcomes.length = 0;
  await people.owner.query("delete from notify_delivery");
});

const toOwner = (key: string, more: Partial<Sending> = {}): Sending => ({
  to: { kind: "person", personId: people.first.actor.personId, medium: "mail" },
  key,
  about: "incident:1",
  isUrgent: true,
  write: () => notice(),
  ...more,
});

const states = async (): Promise<Record<string, string>> => {
  const { rows } = await people.owner.query<{ key: string; state: string }>("select key, state from notify_delivery order by seq");
  return Object.fromEntries(rows.map(({ key, state }) => [key, state]));
};

describe("a message", () => {
  test("leaves once for one key, whoever asks and how often", async () => {
    const [id] = await rig.send(toOwner("a"), toOwner("a"));
    expect(id).toMatch(/^\w{11}$/u);
    expect(await rig.send(toOwner("a"))).toEqual([undefined]);
    expect(rig.mailbox.received).toHaveLength(1);
    const [mail] = rig.mailbox.received;
    expect(mail).toMatchObject({ to: [firstEmail], mail: { subject: "[重大] web01: CPU % 97 > 90" } });
    expect(rig.outcomes).toMatchObject([{ id, key: "a", state: "sent", about: "incident:1", problem: undefined }]);
    expect(mail && headerOf(mail, "message-id")).toBe(`<${id}@hinoban.example>`);
  });

  test("leaves nothing behind when what caused it did not happen", async () => {
    const { organisationId } = people.first.actor;
    const failing = rig.notify.db.tx({ organisationId }, async (tx) => {
      await rig.notify.send(tx, people.clock.now(), toOwner("never"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await rig.work();
    expect(rig.mailbox.received).toHaveLength(0);
  });

  test("comes again until the mail server takes it, and is given up after a day", async () => {
    rig.mailbox.refusedAddresses.set(firstEmail, { code: 450, text: "4.2.0 come again" });
    await rig.send(toOwner("slow", { isUrgent: false }));
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "retrying", problem: expect.stringContaining("4.2.0 come again") });
    await people.clock.advance(seconds(59));
    await rig.work();
    expect(rig.outcomes).toHaveLength(1);
    await people.clock.advance(seconds(1));
    await rig.work();
    expect(rig.outcomes).toHaveLength(2);
    rig.mailbox.refusedAddresses.clear();
    await people.clock.advance(minutes(5));
    await rig.work();
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    rig.mailbox.refusedMail = { code: 451, text: "4.3.0 no disk" };
    await rig.send(toOwner("never"));
    for (let hour = 0; hour < 32; hour++) {
      await people.clock.advance(hours(1));
      await rig.work();
    }
    expect(rig.outcomes.at(-1)).toMatchObject({ key: "never", state: "failed", problem: expect.stringContaining("Given up") });
    expect(await states()).toEqual({ slow: "sent", never: "failed" });
  });

  test("fails at once when the address is refused for good", async () => {
    rig.mailbox.refusedAddresses.set(firstEmail, { code: 550, text: "5.1.1 nobody" });
    await rig.send(toOwner("gone"));
    expect(rig.outcomes).toMatchObject([{ state: "failed", problem: expect.stringContaining("5.1.1 nobody") }]);
  });

  test("can be taken back while it has not left", async () => {
    await rig.send(toOwner("later", { dueAt: (people.clock.now() + minutes(1)) as never }), toOwner("now"));
    const { organisationId } = people.first.actor;
    const taken = await rig.notify.db.tx({ organisationId }, (tx) => rig.notify.cancel(tx, people.clock.now(), { about: "incident:1" }));
    expect(taken).toBe(1);
    await people.clock.advance(minutes(2));
    await rig.work();
    expect(rig.mailbox.received).toHaveLength(1);
    expect(await states()).toEqual({ later: "cancelled", now: "sent" });
  });

  test("by a medium that nobody provides fails at once, so that somebody else is asked", async () => {
    await rig.send(toOwner("call", { to: { kind: "person", personId: people.first.actor.personId, medium: "phone" } }));
    expect(rig.outcomes).toMatchObject([{ state: "failed", problem: "No telephone line is set up." }]);
  });

  test("is forgotten by the outbox when it is over, besides its title", async () => {
    await rig.send(toOwner("x"));
    const { rows } = await people.owner.query("select notice, title from notify_delivery");
    expect(rows).toEqual([{ notice: null, title: "[重大] web01: CPU % 97 > 90" }]);
  });
});

describe("several servers over one database", () => {
  test("send each message once", async () => {
    const others = await Promise.all([1, 2].map(() => openNotifyRig(people, { mailbox: rig.mailbox })));
    const sendings = Array.from({ length: 60 }, (_one, index) => toOwner(`many:${index}`, { write: () => notice({ thread: undefined }) }));
    await rig.notify.db.tx({ organisationId: people.first.actor.organisationId }, (tx) =>
      rig.notify.sendAll(tx, people.clock.now(), sendings),
    );
    await Promise.all([rig, ...others].map((one) => one.work()));
    await Promise.all([rig, ...others].map((one) => one.work()));
    expect(rig.mailbox.received).toHaveLength(60);
    expect(new Set(rig.mailbox.received.map((mail) => headerOf(mail, "message-id"))).size).toBe(60);
    await Promise.all(others.map((one) => one.close()));
  });

  test("repeat what one of them claimed and never told of, as the same mail", async () => {
    const { organisationId } = people.first.actor;
    const [id] = await rig.notify.db.tx({ organisationId }, async (tx) => [await rig.notify.send(tx, people.clock.now(), toOwner("lost"))]);
    await people.owner.query("select set_config('hinoban.device', 'server:gone', false)");
    await people.owner.query("select * from hinoban_claim_deliveries($1, 10, 120000)", [people.clock.now()]); // by a server that is no more
    await rig.work();
    expect(rig.mailbox.received).toHaveLength(0);
    await people.clock.advance(minutes(2));
    await rig.work();
    expect(rig.mailbox.received.map((mail) => headerOf(mail, "message-id"))).toEqual([`<${id}@hinoban.example>`]);
  });
});

test("a server that starts again sends at once what it had claimed before it ended", async () => {
  const { organisationId } = people.first.actor;
  await rig.notify.db.tx({ organisationId }, (tx) => rig.notify.send(tx, people.clock.now(), toOwner("mine")));
  await people.owner.query("select set_config('hinoban.device', 'server:test', false)");
  await people.owner.query("select * from hinoban_claim_deliveries($1, 10, 120000)", [people.clock.now()]);
  const again = await openNotifyRig(people, { mailbox: rig.mailbox });
  expect(rig.mailbox.received).toHaveLength(1);
  expect(again.outcomes).toMatchObject([{ key: "mine", state: "sent" }]);
  await again.close();
});
