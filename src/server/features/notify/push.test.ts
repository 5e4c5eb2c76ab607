import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { WebPushCipher } from "#adapters/push-cipher/web-push";
import { seconds } from "#base/duration";
import { FakePushService, tooMany } from "#test/chat-fakes/index";
import { openNotifyRig, notice, type NotifyRig } from "#test/notify-rig";
import { withPeople } from "#test/people";
import { allowPush } from "./allow-push.ts";
import type { Notice, Sending } from "./model.ts";
import { pushKeys } from "./push-keys.ts";
import { readMyNotifications } from "./my-notifications.ts";
import { testPerson } from "./send-test.ts";

const people = withPeople();
let rig: NotifyRig;
let service: FakePushService;

beforeAll(async () => {
  service = await FakePushService.open();
  rig = await openNotifyRig(people, { push: new WebPushCipher() });
});
afterAll(async () => {
  await rig.close();
  await service.close();
});
beforeEach(async () => {
  service.clear();
  service.publicKey = (await pushKeys(rig.notify)).publicKey;
  rig.outcomes.length = 0;
  await people.owner.query("delete from notify_delivery; delete from notify_contact");
  await people.acts();
});

const me = () => people.first.actor;
const allow = (browser: ReturnType<FakePushService["subscribe"]>, label = "Chrome on Linux") =>
  allowPush(rig.notify, me(), { subscription: browser.subscription, label });
const toMe = (key: string, more: Partial<Notice> = {}): Sending => ({
  to: { kind: "person", personId: me().personId, medium: "push" },
  key,
  about: "incident:abc",
  isUrgent: true,
  write: () => notice({ thread: "incident:abc", ...more }),
});
const contacts = async () =>
  (
    await rig.notify.db.tx({ organisationId: me().organisationId }, (tx) =>
      readMyNotifications(rig.notify, tx, me().personId, people.clock.now()),
    )
  ).contacts.filter(({ kind }) => kind === "push");

test("every browser that was allowed shows a message, which only it can read and whose buttons act", async () => {
  const [one, two] = [service.subscribe(), service.subscribe()];
  await allow(one);
  await allow(one); // again, as a browser does when it is opened
  await allow(two, "Firefox on Android");
  const added = (await people.acts()).filter(({ verb }) => verb === "contact.added");
  expect(added).toMatchObject([{ detail: { kind: "push" } }, { detail: { kind: "push" } }]);
  expect((await contacts()).map(({ address, isVerified }) => [address, isVerified])).toEqual([
    ["Chrome on Linux", true],
    ["Firefox on Android", true],
  ]);
  const actions = [
    { action: "take", label: "担当する", url: "https://hinoban.example/act/t", token: "t" },
    { action: "resolve", label: "解決", url: "https://hinoban.example/act/r", token: "r" },
    { action: "cannot", label: "対応できない", url: "https://hinoban.example/act/c", token: "c" },
  ] as const;
  await rig.send(toMe("one", { title: "長".repeat(500), summary: "い".repeat(50_000), actions }));
  expect(rig.outcomes).toMatchObject([{ state: "sent" }]);
  for (const { shown } of [one, two]) {
    expect(shown).toMatchObject([
      {
        path: "/o/first/incidents/abc",
        tag: "incident:abc",
        isUrgent: true,
        actions: [
          { action: "take", title: "担当する" },
          { action: "cannot", title: "対応できない" },
        ],
      },
    ]);
    expect(JSON.stringify(shown)).not.toContain("/act/");
  }
  expect(service.calls[0]?.headers).toMatchObject({ urgency: "high", ttl: "3600", topic: expect.stringMatching(/^[\w-]{32}$/u) });
  expect(await testPerson(rig.notify, me(), me().personId, "push")).toMatchObject({ ok: true });
});

test("a browser that takes nothing any more is forgotten, and when it was the last one somebody else is told", async () => {
  const [one, two] = [service.subscribe(), service.subscribe()];
  await allow(one);
  await allow(two, "Phone");
  await people.acts();
  service.gone.add(one.subscription.endpoint);
  await rig.send(toMe("a"));
  expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
  expect((await contacts()).map(({ address }) => address)).toEqual(["Phone"]);
  expect((await people.acts()).filter(({ verb }) => verb === "contact.removed")).toMatchObject([
    { actor: "system:notify", object: `person:${me().personId}`, detail: { kind: "push" } },
  ]);
  service.gone.add(two.subscription.endpoint);
  await rig.send(toMe("b"));
  expect(rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: "No browser takes messages any more." });
  await rig.send(toMe("c"));
  expect(rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: expect.stringMatching(/no verified browser/u) });
});

test("a push service that is busy is asked again, and a browser that has the message gets it once", async () => {
  const [one, two] = [service.subscribe(), service.subscribe()];
  await allow(one);
  await allow(two);
  service.next.push(tooMany(7, "slow down"));
  await rig.send(toMe("busy"));
  expect(rig.outcomes.at(-1)).toMatchObject({ state: "retrying", problem: expect.stringContaining("HTTP 429") });
  await people.clock.advance(seconds(10));
  await rig.work();
  expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
  expect([one.shown.length, two.shown.length]).toEqual([1, 1]);
});

test("a browser shows the messages of the person who allowed it last, and keys have none", async () => {
  const browser = service.subscribe();
  await allow(browser);
  const other = { kind: "system", organisationId: me().organisationId, name: "tests" } as const;
  await expect(allowPush(rig.notify, other, { subscription: browser.subscription, label: "x" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await people.owner.query("update notify_contact set person_id = 'somebody-else' where kind = 'push'");
  await allow(browser);
  const { rows } = await people.owner.query("select person_id from notify_contact where kind = 'push'");
  expect(rows).toEqual([{ person_id: me().personId }]);
  const { rows: kept } = await people.owner.query<{ subscription: Buffer }>("select subscription from notify_push");
  expect(kept[0]?.subscription.toString("latin1")).not.toContain(browser.subscription.endpoint);
});
