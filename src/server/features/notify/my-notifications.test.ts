import { describe, expect, test } from "vitest";
import { days, hours, minutes } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import { notice } from "#test/notify-rig";
import { firstEmail } from "#test/people";
import { defaultRules, type NotificationRules } from "#wire/notify";
import { addContact, sendContactCode } from "./add-contact.ts";
import { changeContact } from "./change-contact.ts";
import type { Sending } from "./model.ts";
import { changeRules, readMyNotifications } from "./my-notifications.ts";
import { removeContact } from "./remove-contact.ts";
import { testPerson } from "./send-test.ts";
import { verifyContact } from "./verify-contact.ts";

const of = withChannels();
const { people } = of;
const me = () => people.first.actor;

const read = () =>
  of.rig.notify.db.tx({ organisationId: me().organisationId }, (tx) =>
    readMyNotifications(of.rig.notify, tx, me().personId, people.clock.now()),
  );

const toMe = (key: string, more: Partial<Sending> = {}): Sending => ({
  to: { kind: "person", personId: me().personId, medium: "mail" },
  key,
  about: "incident:1",
  write: () => notice({ severity: "warning", thread: undefined }),
  ...more,
});

const quiet = (more: Partial<NotificationRules["quiet"]> = {}): NotificationRules => ({
  ...defaultRules,
  quiet: { ...defaultRules.quiet, isOn: true, ...more },
});

/** The code in the newest mail. */
const codeIn = (): string => /^(\d{6})$/mu.exec(of.rig.mailbox.received.at(-1)?.mail.text ?? "")?.[1] ?? "";

const acts = async () => (await people.acts()).map(({ verb, object, actor }) => [verb, object === actor]);

describe("somebody who set nothing up", () => {
  test("is reached by mail at the address they sign in with, at any time", async () => {
    const mine = await read();
    expect(mine).toMatchObject({
      contacts: [{ address: firstEmail, isLogin: true, isVerified: true }],
      rules: defaultRules,
      timeZone: "Asia/Tokyo",
    });
    expect(mine.wouldReach.find((one) => one.medium === "mail" && one.severity === "information")).toMatchObject({
      outcome: "now",
      addresses: [firstEmail],
    });
    expect(mine.wouldReach.find((one) => one.medium === "phone" && one.isUrgent)).toMatchObject({ outcome: "unreachable" });
    expect(await testPerson(of.rig.notify, me(), me().personId, "mail")).toMatchObject({ ok: true });
    expect(of.rig.mailbox.received[0]?.to).toEqual([firstEmail]);
    expect(await acts()).toEqual([["contact.tested", true]]);
  });
});

describe("quiet hours", () => {
  // The clock stands at 09:00 in Tokyo.
  test("hold what is not urgent until they end, and let through what is", async () => {
    const mine = await changeRules(of.rig.notify, me(), quiet({ from: "08:00", until: "10:00" }));
    expect(mine.quietUntil).toBeDefined();
    expect(await acts()).toEqual([["notification-rules.changed", true]]);
    await of.rig.send(toMe("held"), toMe("urgent", { isUrgent: true }));
    expect(of.rig.outcomes.map(({ key, state }) => [key, state])).toEqual([["urgent", "sent"]]);
    await people.clock.advance(minutes(59));
    await of.rig.work();
    expect(of.rig.mailbox.received).toHaveLength(1);
    await people.clock.advance(minutes(61));
    await of.rig.work();
    expect(of.rig.outcomes.at(-1)).toMatchObject({ key: "held", state: "sent" });
  });

  test("that are changed are asked anew about what is held", async () => {
    const now = new Date(people.clock.now() + hours(9)).toISOString().slice(11, 16);
    await changeRules(of.rig.notify, me(), quiet({ from: now, until: now }));
    await of.rig.send(toMe("held"));
    expect(of.rig.outcomes).toEqual([]);
    await changeRules(of.rig.notify, me(), defaultRules);
    await of.rig.work();
    expect(of.rig.outcomes).toMatchObject([{ key: "held", state: "sent" }]);
  });

  test("are refused in a zone that is none", async () => {
    await expect(changeRules(of.rig.notify, me(), { ...quiet(), timeZone: "Mars/Olympus" })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });

  test("do not keep a message for a medium that is off", async () => {
    await changeRules(of.rig.notify, me(), { ...defaultRules, media: { ...defaultRules.media, mail: "error" } });
    await of.rig.send(toMe("off"), toMe("on", { write: () => notice({ severity: "error", thread: undefined }) }));
    expect(Object.fromEntries(of.rig.outcomes.map(({ key, state }) => [key, state]))).toEqual({ off: "cancelled", on: "sent" });
  });
});

describe("another address", () => {
  const second = { kind: "mail", address: "Second@example.jp", label: "home" } as const;

  test("is used once its code was typed back, and no sooner", async () => {
    const mine = await addContact(of.rig.notify, me(), second);
    const id = mine.contacts.find(({ isLogin }) => !isLogin)?.id ?? "";
    const code = codeIn();
    expect(code).toMatch(/^\d{6}$/u);
    await of.rig.send(toMe("before"));
    expect(of.rig.mailbox.received.at(-1)?.to).toEqual([firstEmail]);
    const wrong = code === "000000" ? "000001" : "000000";
    await expect(verifyContact(of.rig.notify, me(), id, wrong)).rejects.toMatchObject({ code: "invalid-input" });
    expect((await verifyContact(of.rig.notify, me(), id, ` ${code} `)).contacts).toMatchObject([{}, { isVerified: true }]);
    await of.rig.send(toMe("after"));
    expect(of.rig.mailbox.received.at(-1)?.to).toEqual([firstEmail, "Second@example.jp"]);
    expect(await acts()).toEqual([
      ["contact.added", true],
      ["contact.verified", true],
    ]);
  });

  test("takes no code that was guessed, is old, or somebody else's", async () => {
    const id = (await addContact(of.rig.notify, me(), second)).contacts.at(-1)?.id ?? "";
    const code = codeIn();
    const wrong = code === "000000" ? "000001" : "000000";
    const other = (await people.join(people.first, "collaborator")).actor;
    await expect(verifyContact(of.rig.notify, other, id, code)).rejects.toMatchObject({ code: "not-found" });
    for (let tries = 0; tries < 5; tries++)
      await expect(verifyContact(of.rig.notify, me(), id, wrong)).rejects.toMatchObject({ code: "invalid-input" });
    await expect(verifyContact(of.rig.notify, me(), id, code)).rejects.toMatchObject({ code: "gone" });
    await expect(sendContactCode(of.rig.notify, me(), id)).rejects.toMatchObject({ code: "too-many-requests" });
    await people.clock.advance(minutes(2));
    expect(await sendContactCode(of.rig.notify, me(), id)).toMatchObject({ ok: true });
    const next = codeIn();
    await people.clock.advance(minutes(31));
    await expect(verifyContact(of.rig.notify, me(), id, next)).rejects.toMatchObject({ code: "gone" });
  });

  test("is refused when it is there, is none, or is a key's", async () => {
    await expect(addContact(of.rig.notify, me(), { ...second, address: firstEmail.toUpperCase() })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(addContact(of.rig.notify, me(), { ...second, address: "a@b\r\nRCPT TO:<x@y>" })).rejects.toMatchObject({
      code: "invalid-input",
    });
    await expect(addContact(of.rig.notify, me(), { kind: "phone", address: "110", label: "" })).rejects.toMatchObject({
      code: "invalid-input",
    });
    const mine = await addContact(of.rig.notify, me(), { kind: "phone", address: "090-1234-5678", label: "" });
    expect(mine.contacts.at(-1)).toMatchObject({ kind: "phone", address: "+819012345678", isVerified: false });
    const key = {
      kind: "key",
      keyId: "k",
      organisationId: me().organisationId,
      rights: "administer",
      expiresAt: undefined,
      networks: [],
      address: "192.0.2.1",
    } as const;
    await expect(addContact(of.rig.notify, key, second)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("can be muted, moved, renamed and removed; the one to sign in with cannot be removed", async () => {
    const id = (await addContact(of.rig.notify, me(), second)).contacts.at(-1)?.id ?? "";
    await verifyContact(of.rig.notify, me(), id, codeIn());
    const login = (await read()).contacts[0]?.id ?? "";
    await people.acts();
    await changeContact(of.rig.notify, me(), login, { mutedUntil: people.clock.now() + days(1) });
    await of.rig.send(toMe("muted"));
    expect(of.rig.mailbox.received.at(-1)?.to).toEqual(["Second@example.jp"]);
    const moved = await changeContact(of.rig.notify, me(), id, { position: 0, label: "first" });
    expect(moved.contacts.map(({ address, label }) => [address, label])).toEqual([
      ["Second@example.jp", "first"],
      [firstEmail, ""],
    ]);
    await changeContact(of.rig.notify, me(), id, { label: "first" });
    const kept = moved.contacts[1]?.id ?? "";
    await expect(removeContact(of.rig.notify, me(), kept)).rejects.toMatchObject({ code: "conflict" });
    await removeContact(of.rig.notify, me(), id);
    await of.rig.send(toMe("nobody"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: expect.stringContaining("muted") });
    expect(await acts()).toEqual([
      ["contact.changed", true],
      ["contact.changed", true],
      ["contact.removed", true],
    ]);
  });

  test("that is refused for good twice is used no more, until its owner says that it works", async () => {
    const id = (await addContact(of.rig.notify, me(), second)).contacts.at(-1)?.id ?? "";
    await verifyContact(of.rig.notify, me(), id, codeIn());
    of.rig.mailbox.refusedAddresses.set("Second@example.jp", { code: 550, text: "5.1.1 gone" });
    await of.rig.send(toMe("1"), toMe("2"));
    expect(of.rig.outcomes.map(({ state }) => state)).toEqual(["sent", "sent"]);
    expect((await read()).contacts.at(-1)?.invalidSince).toBeDefined();
    of.rig.mailbox.refusedAddresses.clear();
    await of.rig.send(toMe("3"));
    expect(of.rig.mailbox.received.at(-1)?.to).toEqual([firstEmail]);
    await changeContact(of.rig.notify, me(), id, { isValid: true });
    await of.rig.send(toMe("4"));
    expect(of.rig.mailbox.received.at(-1)?.to).toEqual([firstEmail, "Second@example.jp"]);
  });
});

test("a viewer looks after their own notifications, and nobody is told who left", async () => {
  const viewer = await people.join(people.first, "viewer", "viewer@example.jp");
  await changeRules(of.rig.notify, viewer.actor, quiet());
  await people.owner.query("update identity_membership set removed_at = 1 where person_id = $1", [viewer.actor.personId]);
  await of.rig.send({ ...toMe("left"), to: { kind: "person", personId: viewer.actor.personId, medium: "mail" }, isUrgent: true });
  expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: expect.stringContaining("no longer a member") });
});
