import PostalMime from "postal-mime";
import { afterAll, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { withDaemons } from "#test/daemons";
import { mailSetup, notice, openNotifyRig, type NotifyRig } from "#test/notify-rig";
import { withPeople } from "#test/people";
import { startSmtpSink, type SmtpSink } from "#test/smtp-sink";
import { until } from "#test/until";
import type { Sending } from "../../src/server/features/notify/model.ts";

// Mail through Postfix's own sink: a server that others wrote, which refuses and breaks in every way that servers do.

withDaemons();
const people = withPeople();
const opened: NotifyRig[] = [];

async function through(...args: readonly string[]): Promise<{ sink: SmtpSink; rig: NotifyRig }> {
  const sink = await startSmtpSink(...args);
  const rig = await openNotifyRig(people, { mail: mailSetup(sink) });
  opened.push(rig);
  return { sink, rig };
}

afterAll(async () => {
  for (const rig of opened) await rig.close();
});

const toOwner = (key: string, more: Partial<Sending> = {}): Sending => ({
  to: { kind: "person", personId: people.first.actor.personId, medium: "mail" },
  key,
  about: "incident:1",
  isUrgent: true,
  write: () =>
    notice({
      thread: undefined,
      actions: [{ action: "take", label: "担当する", url: `https://hinoban.example/act/${"x".repeat(300)}`, token: "t" }],
    }),
  ...more,
});

test("a mail with Japanese, a long link and both kinds of body arrives whole, also at a server that knows neither ESMTP nor eight bits", async () => {
  for (const args of [[], ["-8"], ["-e"]]) {
    const { sink, rig } = await through(...args);
    await rig.send(toOwner(`plain ${args.join("")}`));
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    await until("the sink has it", 5000, () => sink.mails().length === 1);
    const raw = sink.mails()[0] ?? Buffer.alloc(0);
    expect(raw.every((byte) => byte < 0x80)).toBe(true);
    const mail = await PostalMime.parse(raw);
    expect(mail.subject).toBe("[重大] web01: CPU % 97 > 90");
    expect(mail.text).toContain("CPU の使用率が高い状態が続いています。");
    expect(mail.text).toContain("x".repeat(300));
    expect(mail.html).toContain("担当する");
    expect(raw.toString("latin1")).toMatch(/^X-Rcpt-Args: <owner@example\.jp>/mu);
    await sink.stop();
  }
});

test.each([
  ["refuses to speak", ["-r", "CONNECT"], "retrying"],
  ["refuses the sender for now", ["-r", "MAIL"], "retrying"],
  ["refuses the address for now", ["-r", "RCPT"], "retrying"],
  ["refuses the address for good", ["-f", "RCPT"], "failed"],
  ["refuses the mail for now", ["-r", "."], "retrying"],
  ["refuses the mail for good", ["-f", "."], "failed"],
  ["hangs up in the middle of the mail", ["-q", "DATA"], "retrying"],
  ["hangs up after the mail", ["-q", "."], "retrying"],
  ["says 421 and closes", ["-Q", "RCPT"], "retrying"],
] as const)("a server that %s", async (what, args, state) => {
  const { sink, rig } = await through(...args);
  await rig.send(toOwner(what));
  expect(rig.outcomes).toMatchObject([{ key: what, state }]);
  expect(rig.outcomes[0]?.problem).toContain("127.0.0.1");
  await sink.stop();
});

test("a hundred mails at once arrive once each", async () => {
  const { sink, rig } = await through();
  await rig.send(...Array.from({ length: 100 }, (_one, index) => toOwner(`many ${index}`)));
  for (let round = 0; round < 20 && rig.outcomes.length < 100; round++) await rig.work();
  expect(rig.outcomes.filter(({ state }) => state === "sent")).toHaveLength(100);
  await until("the sink has them", 5000, () => sink.mails().length === 100);
  const ids = sink.mails().map((raw) => /^Message-ID: (.*)$/imu.exec(raw.toString("latin1"))?.[1]);
  expect(new Set(ids).size).toBe(100);
  await people.clock.advance(minutes(1));
  await sink.stop();
});
