import { invalidInput, type FieldProblem } from "#base/errors";
import { isMailAddress } from "#base/mail-address";
import { membersNow } from "#features/identity";
import type { Tx } from "#store";
import type { ReportSettings } from "#wire/reports";

export type Recipients = Pick<ReportSettings, "personIds" | "addresses" | "channelIds">;

/** A recipient with the name under which it is shown. */
export interface NamedRecipient {
  readonly kind: "person" | "address" | "channel";
  readonly recipient: string;
  readonly name: string;
}

/** All recipients with their names. @throws "invalid-input" for people who are no members, channels that do not exist, wrong addresses */
export async function demandRecipients(tx: Tx, { personIds, addresses, channelIds }: Recipients): Promise<NamedRecipient[]> {
  const found = await knownRecipients(tx, { personIds, addresses, channelIds });
  const known = new Set(found.map(({ kind, recipient }) => `${kind} ${recipient}`));
  const problems: FieldProblem[] = [
    ...missing(personIds, "person", known).map(([id, index]) => ({ field: `personIds.${index}`, problem: `${id} is no active member` })),
    ...missing(addresses, "address", known).map(([address, index]) => ({
      field: `addresses.${index}`,
      problem: `${address} is no mail address`,
    })),
    ...missing(channelIds, "channel", known).map(([id, index]) => ({ field: `channelIds.${index}`, problem: `there is no channel ${id}` })),
  ];
  if (problems.length > 0) throw invalidInput(problems);
  return found;
}

const missing = (ids: readonly string[], kind: string, known: ReadonlySet<string>): (readonly [string, number])[] =>
  [...ids.entries()].filter(([, id]) => !known.has(`${kind} ${id}`)).map(([index, id]) => [id, index] as const);

/** Those of the recipients that can be reached: who left since is none. */
export async function knownRecipients(tx: Tx, { personIds, addresses, channelIds }: Recipients): Promise<NamedRecipient[]> {
  const people = new Map((await membersNow(tx)).map(({ id, name }) => [id, name]));
  const channels = new Map((await tx.selectFrom("notify_channel").select(["id", "name"]).execute()).map(({ id, name }) => [id, name]));
  const named = (ids: readonly string[], kind: NamedRecipient["kind"], nameOf: (id: string) => string | undefined): NamedRecipient[] =>
    [...new Set(ids)].flatMap((recipient) => {
      const name = nameOf(recipient);
      return name === undefined ? [] : [{ kind, recipient, name }];
    });
  return [
    ...named(personIds, "person", (id) => people.get(id)),
    ...named(addresses, "address", (address) => (isMailAddress(address) ? address : undefined)),
    ...named(channelIds, "channel", (id) => channels.get(id)),
  ];
}
