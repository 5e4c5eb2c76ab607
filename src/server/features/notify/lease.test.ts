import { expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import { openNotifyRig } from "#test/notify-rig";
import { until } from "#test/until";
import type { Sending } from "./model.ts";

const of = withChannels();
const { people, create, to } = of;
const emails = ["a@example.jp", "b@example.jp", "c@example.jp"];

/** Writes it down and begins to send it, without waiting for the end. */
async function begin(sending: Sending): Promise<void> {
  const { notify } = of.rig;
  const { organisationId } = people.first.actor;
  await notify.db.tx({ organisationId }, (tx) => notify.send(tx, people.clock.now(), sending));
  notify.wake();
}

/** Lets the first mail to that address wait in the mail server until the result is called. */
function hold(address: string): () => void {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isFirst = true;
  of.rig.mailbox.onMail = async (mail) => {
    if (!mail.to.includes(address) || !isFirst) return;
    isFirst = false;
    await gate;
  };
  return release;
}

const reached = (): (string | undefined)[] => of.rig.mailbox.received.map((mail) => mail.to[0]);

async function delivery(): Promise<{ state: string; claims: number; tries: number; progress: string; leased: string }> {
  const { rows } = await people.owner.query("select state, claims, tries, progress, leased_until as leased from notify_delivery");
  return rows[0];
}

test("mail slower than a lease goes to each address once, and nobody else takes it over", async () => {
  await people.owner.query("delete from notify_delivery");
  const other = await openNotifyRig(people, { mailbox: of.rig.mailbox });
  const { id } = await create("email", { emails, personIds: [] });
  const release = hold("b@example.jp");
  await begin(to(id, "slow"));
  await until("the second mail is on its way", 5000, () => reached().length === 2);
  for (let step = 0; step < 8; step++) {
    const before = people.clock.now();
    await people.clock.advance(seconds(40));
    await until("the lease is renewed", 5000, async () => Number((await delivery()).leased) > before + minutes(2));
    await other.work();
  }
  of.rig.notify.wake();
  expect(await delivery()).toMatchObject({ state: "claimed", claims: 1, progress: '["a@example.jp"]' });
  release();
  await of.rig.work();
  expect(reached()).toEqual(emails);
  expect(await delivery()).toMatchObject({ state: "sent", claims: 1, tries: 1 });
  await other.close();
});

test("a process does not claim again what is still on its way from it, even when its clock leaps past the lease", async () => {
  await people.owner.query("delete from notify_delivery");
  const { id } = await create("email", { emails, personIds: [] });
  const release = hold("a@example.jp");
  await begin(to(id, "leap"));
  await until("the first mail is on its way", 5000, () => reached().length === 1);
  people.clock.jumpTo((people.clock.now() + minutes(30)) as never);
  const before = people.clock.now();
  of.rig.notify.wake();
  await until("it has looked again", 5000, async () => Number((await delivery()).leased) > before);
  expect(await delivery()).toMatchObject({ state: "claimed", claims: 1 });
  release();
  await of.rig.work();
  expect(reached()).toEqual(emails);
  expect(await delivery()).toMatchObject({ state: "sent", claims: 1 });
});

test("whoever takes over a message goes on where it stood, and who lost it goes no further", async () => {
  await people.owner.query("delete from notify_delivery");
  const other = await openNotifyRig(people, { mailbox: of.rig.mailbox });
  const { id } = await create("email", { emails, personIds: [] });
  const release = hold("b@example.jp");
  await begin(to(id, "lost"));
  await until("the second mail is on its way", 5000, () => reached().length === 2);
  await people.owner.query("update notify_delivery set leased_until = 0"); // as if this process had stood still for long
  await other.work();
  expect(reached()).toEqual(["a@example.jp", "b@example.jp", "b@example.jp", "c@example.jp"]);
  release();
  await of.rig.work();
  expect(reached()).toHaveLength(4);
  expect(await delivery()).toMatchObject({ state: "sent", claims: 2 });
  await other.close();
});
