import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { addTime, hours, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { othersAccount, type Notify, type OpenChannel } from "#features/notify";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx } from "#store";
import type { ChatAccount, ChatKind } from "#wire/acts";
import { digestOf } from "./signatures.ts";

/** Long enough to sign in first, short enough to be of no use to whoever finds it later. */
const invitationValid = hours(1);

/** A user of a chat, as its server speaks of them in a request that proved to be its own. */
export interface ChatUser {
  readonly chat: ChatKind;
  readonly workspace: string;
  readonly userId: string;
  readonly userName: string;
  /** The chat's server itself said who it is: by its signature, or by what no person there can see. */
  readonly isVouched: boolean;
}

/** The person behind a chat's user, in the transaction's organisation. */
export async function personOf(tx: Tx, user: Pick<ChatUser, "chat" | "workspace" | "userId">): Promise<string | undefined> {
  const row = await tx
    .selectFrom("acts_chat_identity")
    .select("person_id")
    .where("organisation_id", "=", sql<string>`hinoban_organisation()`)
    .where("chat", "=", user.chat)
    .where("workspace", "=", user.workspace)
    .where("user_id", "=", user.userId)
    .executeTakeFirst();
  return row?.person_id;
}

/** Where the ways to reach people are kept. */
interface Contacts {
  readonly notify: Pick<Notify, "linkChat" | "unlinkChat">;
}

/** Makes a link by which a chat's user says who they are. Only its hash is kept; old ones are forgotten on the way. */
export async function inviteChatUser(tx: Tx, user: ChatUser, now: UnixMs, channel: OpenChannel): Promise<string> {
  const token = randomBytes(24).toString("base64url");
  await sql`delete from acts_invitation where expires_at < ${now}`.execute(tx);
  await sql`insert into acts_invitation (digest, chat, workspace, user_id, user_name, channel_id, channel_workspace, is_vouched, expires_at)
    values (${digestOf(token)}, ${user.chat}, ${user.workspace}, ${user.userId}, ${user.userName}, ${channel.id}, ${channel.workspace},
      ${user.isVouched}, ${addTime(now, invitationValid)})`.execute(tx);
  return token;
}

interface Invitation {
  readonly chat: ChatKind;
  readonly workspace: string;
  readonly user_id: string;
  readonly user_name: string;
  readonly channel_workspace: string | null;
  readonly is_vouched: boolean;
  readonly expires_at: number;
}

/** @throws HinobanError "gone" for a link that was used or is too old, and for one that never was */
const ended = (): HinobanError =>
  new HinobanError("gone", "This link was used already or is too old. Press the button in the chat again to get a new one.");

/** What a link would connect. @throws HinobanError "gone" */
export function readChatInvitation(
  deps: Deps,
  actor: Actor,
  token: string,
): Promise<{ chat: ChatKind; userName: string; expiresAt: number }> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "incident.view", `organisation:${actor.organisationId}`, deps.clock.now());
    const invitation = await tx
      .selectFrom("acts_invitation")
      .select(["chat", "user_name", "expires_at"])
      .where("digest", "=", digestOf(token))
      .where("used_at", "is", null)
      .where("expires_at", ">", deps.clock.now())
      .executeTakeFirst();
    if (!invitation) throw ended();
    return { chat: invitation.chat, userName: invitation.user_name, expiresAt: invitation.expires_at };
  });
}

/**
 * Connects the chat account that a link was shown to with the person who opened it; an earlier connection of that account ends, if the
 * chat itself vouched for it.
 * @throws HinobanError "conflict" for an account of somebody else that nobody vouched for
 * @throws HinobanError "gone" for a link that has ended, "forbidden" for anybody but a member who is signed in
 */
export function connectChatAccount(deps: Deps & Contacts, actor: Actor, token: string): Promise<ChatAccount> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "incident.view", `organisation:${actor.organisationId}`, at);
    if (actor.kind !== "person") throw onlyPeople();
    const used =
      await sql<Invitation>`update acts_invitation set used_at = ${at} where digest = ${digestOf(token)} and used_at is null and expires_at > ${at}
      returning chat, workspace, user_id, user_name, channel_workspace, is_vouched, expires_at`.execute(tx);
    const invitation = used.rows[0];
    if (!invitation) throw ended();
    const { chat, workspace, user_id, user_name } = invitation;
    if (!invitation.is_vouched) {
      const holder = await personOf(tx, { chat, workspace, userId: user_id });
      if (holder !== undefined && holder !== actor.personId) throw othersAccount();
    }
    const known = { user_name, person_id: actor.personId, connected_at: at };
    const { id } = await tx
      .insertInto("acts_chat_identity")
      .values({ id: newId(), chat, workspace, user_id, ...known })
      .onConflict((conflict) =>
        conflict.columns(["organisation_id", "chat", "workspace", "user_id"]).doUpdateSet({ id: newId(), ...known }),
      )
      .returning("id")
      .executeTakeFirstOrThrow();
    // From now on messages reach them there as well.
    const account = { personId: actor.personId, userId: user_id, userName: user_name, isVouched: invitation.is_vouched };
    await deps.notify.linkChat(tx, at, { ...account, workspace: invitation.channel_workspace });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "chat-account.connected",
      object: `person:${actor.personId}`,
      outcome: "done",
      detail: { chat },
      texts: { name: user_name },
    });
    await publish(tx, "chat-accounts");
    const connected = (await readAccounts(tx, actor.personId)).find((one) => one.id === id);
    if (!connected) throw new HinobanError("internal", "The connected account cannot be read.", { id });
    return connected;
  });
}

/** One's own accounts; everybody's for who may change members. */
export function listChatAccounts(deps: Deps, actor: Actor): Promise<ChatAccount[]> {
  return deps.db.tx(scopeOf(actor), async (tx) => {
    const now = deps.clock.now();
    demand(actor, "incident.view", `organisation:${actor.organisationId}`, now);
    if (mayAll(actor, now)) return readAccounts(tx, undefined);
    return actor.kind === "person" ? readAccounts(tx, actor.personId) : [];
  });
}

/** Ends a connection. @throws HinobanError "not-found", "forbidden" for somebody else's account without the right to change members */
export async function disconnectChatAccount(deps: Deps & Contacts, actor: Actor, id: string): Promise<void> {
  await deps.db.tx(scopeOf(actor), async (tx) => {
    const at = deps.clock.now();
    demand(actor, "incident.view", `organisation:${actor.organisationId}`, at);
    const row = await tx
      .deleteFrom("acts_chat_identity")
      .where("id", "=", id)
      .returning(["chat", "person_id", "user_id"])
      .executeTakeFirst();
    if (!row) throw new HinobanError("not-found", "There is no such connected account.", { id });
    const isOwn = actor.kind === "person" && actor.personId === row.person_id;
    if (!isOwn) demand(actor, "member.change", `person:${row.person_id}`, at);
    await deps.notify.unlinkChat(tx, { personId: row.person_id, userId: row.user_id });
    const object = `person:${row.person_id}`;
    await record(tx, { at, actor: actorId(actor), verb: "chat-account.disconnected", object, outcome: "done", detail: { chat: row.chat } });
    await publish(tx, "chat-accounts");
  });
}

const onlyPeople = (): HinobanError =>
  new HinobanError("forbidden", "Only somebody who is signed in can connect a chat account; an API key cannot.", {
    permission: "incident.view",
    missing: ["membership"],
  });

function mayAll(actor: Actor, now: UnixMs): boolean {
  try {
    demand(actor, "member.change", `organisation:${actor.organisationId}`, now);
    return true;
  } catch {
    return false;
  }
}

async function readAccounts(tx: Tx, personId: string | undefined): Promise<ChatAccount[]> {
  const rows = await tx
    .selectFrom("acts_chat_identity as c")
    .innerJoin("identity_person as p", "p.id", "c.person_id")
    .select(["c.id", "c.chat", "c.user_name", "c.person_id", "p.name", "c.connected_at"])
    .$if(personId !== undefined, (query) => query.where("c.person_id", "=", personId ?? ""))
    .orderBy(sql`p.name collate "C"`)
    .orderBy("c.connected_at")
    .limit(1000)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    chat: row.chat,
    userName: row.user_name,
    personId: row.person_id,
    personName: row.name,
    connectedAt: row.connected_at,
  }));
}
