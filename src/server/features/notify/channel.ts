import { createHash } from "node:crypto";
import { unixMs, type UnixMs } from "#base/duration";
import { Secret } from "#base/secret";
import type { Seal, Tx } from "#store";
import type { ChannelEvent, ChannelType, MailEncoding } from "#wire/notify";
import type { Language } from "#wire/shapes";
import type { Selectable } from "kysely";
import type { NotifyChannelTable } from "./tables.ts";

/** What is typed about a channel and no secret. Keys that were left out stay absent: Mackerel's clients compare with what they wrote. */
export interface ChannelSettings {
  readonly emails?: readonly string[];
  readonly userIds?: readonly string[];
  readonly encoding?: MailEncoding;
  readonly events?: readonly ChannelEvent[];
  readonly mentions?: Mentions;
  readonly enabledGraphImage?: boolean;
  /** Channel of a chat, room. */
  readonly room?: string;
  /** Base address of a server of one's own. */
  readonly serverUrl?: string;
  readonly verifiesTls?: boolean;
}

export interface Mentions {
  readonly ok?: string;
  readonly warning?: string;
  readonly critical?: string;
}

export interface ChannelSecrets {
  /** Address of an incoming webhook: whoever has it may post. */
  readonly url?: string;
  /** Of a bot or a room. */
  readonly token?: string;
  /** Signs what a webhook gets. */
  readonly signingKey?: string;
  /** Signs as well for a day after it was replaced. */
  readonly previousSigningKey?: string;
  readonly signingKeyChangedAt?: number;
  /** By which a chat signs what it sends to us: Slack's signing secret. */
  readonly signingSecret?: string;
  /** What Mattermost sends with a slash command. */
  readonly commandToken?: string;
}

export type ChannelRow = Selectable<NotifyChannelTable>;

/** A channel with its secrets at hand. */
export interface OpenChannel {
  readonly id: string;
  readonly name: string;
  readonly type: ChannelType;
  readonly settings: ChannelSettings;
  readonly secrets: ChannelSecrets;
  readonly language: Language;
  readonly suspendedAt: UnixMs | undefined;
  /** See {@link workspaceOf}. */
  readonly workspace: string | null;
}

export const settingsOf = (row: Pick<ChannelRow, "settings">): ChannelSettings => JSON.parse(row.settings) as ChannelSettings; // written by this feature's verbs in this shape

export const typeOf = (row: Pick<ChannelRow, "type">): ChannelType => row.type as ChannelType; // written by this feature's verbs, never changed

export const suspendedAtOf = (row: Pick<ChannelRow, "suspended_at">): UnixMs | undefined =>
  row.suspended_at === null ? undefined : unixMs(row.suspended_at);

/** @throws "storage-damaged" when the server key is another one */
export function secretsOf(seal: Seal, row: Pick<ChannelRow, "id" | "secrets">): ChannelSecrets {
  if (row.secrets === null) return {};
  return JSON.parse(seal.open(row.secrets, row.id).reveal()) as ChannelSecrets; // sealed by `sealedSecrets` in this shape
}

export const sealedSecrets = (seal: Seal, id: string, secrets: ChannelSecrets): Buffer | null =>
  Object.keys(secrets).length === 0 ? null : seal.seal(new Secret(JSON.stringify(secrets)), id);

/** @throws "storage-damaged" */
export const opened = (seal: Seal, row: ChannelRow): OpenChannel => ({
  id: row.id,
  name: row.name,
  type: typeOf(row),
  settings: settingsOf(row),
  secrets: secretsOf(seal, row),
  language: row.language,
  suspendedAt: suspendedAtOf(row),
  workspace: row.workspace,
});

/** Origin of the Mattermost server that a channel posts to; undefined for other channels. */
export function mattermostServer({ type, settings, secrets }: Pick<OpenChannel, "type" | "settings" | "secrets">): string | undefined {
  if (type !== "mattermost" && type !== "mattermost-bot") return undefined;
  const address = (type === "mattermost" ? secrets.url : settings.serverUrl) ?? "";
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/**
 * Names the chat that a bot or its webhook lives in, by a secret that they share: Slack's app, or a bot or webhook of a Mattermost server.
 * The address of a server is no secret: without one, whoever made a channel with it would speak for everybody there. Null where accounts
 * of people cannot be known.
 */
export function workspaceOf(type: ChannelType, settings: ChannelSettings, secrets: ChannelSecrets): string | null {
  const { signingSecret, token, url } = secrets;
  const server = mattermostServer({ type, settings, secrets });
  const known = (secret: string | undefined): string | undefined =>
    server === undefined || secret === undefined ? undefined : `${server}\0${secret}`;
  const shared = { "slack-bot": signingSecret, slack: signingSecret, "mattermost-bot": known(token), mattermost: known(url) } as const;
  const what = type in shared ? shared[type as keyof typeof shared] : undefined; // it is one of the keys
  if (what === undefined) return null;
  const chat = type.startsWith("slack") ? "slack" : "mattermost";
  return createHash("sha256").update(`${chat}\0${what}`).digest("hex").slice(0, 32);
}

/** By primary key. */
export const findChannel = (tx: Tx, id: string): Promise<ChannelRow | undefined> =>
  tx.selectFrom("notify_channel").selectAll().where("id", "=", id).executeTakeFirst();
