import type { DutyListener, GapAhead, HandOver } from "#features/duty";
import type { Addressee, Notice, Recipient, Sending } from "#features/notify";
import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { EscalationContext } from "./context.ts";
import { gapNotice, handOverNotice } from "./notices.ts";
import { existingChannels, ownersOf, personsOf } from "./world.ts";

/** Hand-overs and gaps of schedules are told where the schedule says so; a gap always reaches somebody. */
export function dutyListener(escalation: EscalationContext): DutyListener {
  return {
    handedOver: (tx, at, change) => tellHandOver(escalation, tx, at, change),
    gapAhead: (tx, at, gap) => tellGap(escalation, tx, at, gap),
  };
}

async function tellHandOver(escalation: EscalationContext, tx: Tx, at: UnixMs, change: HandOver): Promise<void> {
  const recipients: Recipient[] = change.tellsPeople ? [...new Set([...change.to, ...change.from])].map(byMail) : [];
  recipients.push(...(await channelOf(tx, change.channelId)));
  await sendTo(escalation, tx, at, change, recipients, (to) => handOverNotice(escalation, tx, change, to));
}

async function tellGap(escalation: EscalationContext, tx: Tx, at: UnixMs, gap: GapAhead): Promise<void> {
  const channel = await channelOf(tx, gap.channelId);
  const leads = gap.teamId === undefined ? [] : await personsOf(tx, escalation.duty, { kind: "lead", teamId: gap.teamId }, at);
  const members =
    gap.teamId === undefined ? [] : await personsOf(tx, escalation.duty, { kind: "team", teamId: gap.teamId, how: "at-once" }, at);
  const people = leads.length > 0 ? leads : members;
  const recipients = [...channel, ...people.map(byMail)];
  const last = recipients.length > 0 ? recipients : (await ownersOf(tx)).map(byMail);
  await sendTo(escalation, tx, at, gap, last, (to) => gapNotice(escalation, tx, gap, to));
}

const byMail = (personId: string): Recipient => ({ kind: "person", personId, medium: "mail" });

async function channelOf(tx: Tx, channelId: string | undefined): Promise<Recipient[]> {
  if (channelId === undefined || !(await existingChannels(tx, [channelId])).has(channelId)) return [];
  return [{ kind: "channel", channelId }];
}

async function sendTo(
  { notify }: EscalationContext,
  tx: Tx,
  at: UnixMs,
  { key, scheduleId }: Pick<HandOver, "key" | "scheduleId">,
  recipients: readonly Recipient[],
  write: (to: Addressee) => Promise<Notice>,
): Promise<void> {
  const sendings = recipients.map((to): Sending => ({
    to,
    key: `${key}:${to.kind === "person" ? to.personId : to.channelId}`,
    about: `schedule:${scheduleId}`,
    write,
  }));
  await notify.sendAll(tx, at, sendings);
}
