import { unixMs } from "#base/duration";
import type { Seal } from "#store";
import { secretFields, type Channel } from "#wire/notify";
import type { Contact } from "#wire/notify-people";
import { secretsOf, settingsOf, suspendedAtOf, typeOf, type ChannelRow, type ChannelSecrets, type ChannelSettings } from "./channel.ts";
import type { ContactRow, Reader } from "./store.ts";

/** A channel as the console shows it: what is secret is only named. */
export function presented(seal: Seal, row: ChannelRow): Channel {
  const { serverUrl, ...settings } = settingsOf(row);
  const secrets = readable(seal, row);
  const host = hostOf(secrets.url ?? serverUrl);
  return {
    id: row.id,
    type: typeOf(row),
    name: row.name,
    language: row.language,
    ...(serverUrl === undefined ? {} : { serverUrl }),
    ...shownSettings(settings),
    secrets: secretFields.filter((field) => secrets[field] !== undefined),
    ...(host === undefined ? {} : { host }),
    createdAt: row.created_at,
    ...healthOf(row),
  };
}

function shownSettings({ userIds, emails, events, mentions, ...settings }: ChannelSettings) {
  return {
    ...settings,
    ...(emails ? { emails: [...emails] } : {}),
    ...(userIds ? { personIds: [...userIds] } : {}),
    ...(events ? { events: [...events] } : {}),
    ...(mentions ? { mentions: { ...mentions } } : {}),
  };
}

function healthOf(row: ChannelRow) {
  const suspendedAt = suspendedAtOf(row);
  return {
    ...(suspendedAt === undefined ? {} : { suspendedAt, suspendedBecause: row.suspended_because ?? "" }),
    failures: row.failures,
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.last_state === null ? {} : { lastState: row.last_state === "sent" ? ("sent" as const) : ("failed" as const) }),
    ...(row.last_problem === null ? {} : { lastProblem: row.last_problem }),
  };
}

/** None when the server key is another one: the list of channels must show in spite of it. */
function readable(seal: Seal, row: ChannelRow): ChannelSecrets {
  try {
    return secretsOf(seal, row);
  } catch {
    return {};
  }
}

const hostOf = (url: string | undefined): string | undefined => (url !== undefined && URL.canParse(url) ? new URL(url).host : undefined);

export const presentedContact = (row: ContactRow, reader: Reader): Contact => ({
  id: row.id,
  kind: row.kind,
  ...shownAs(row, reader),
  isLogin: row.is_login,
  encoding: row.encoding,
  isVerified: row.verified_at !== null,
  ...(row.muted_until === null ? {} : { mutedUntil: unixMs(row.muted_until) }),
  ...(row.invalid_since === null ? {} : { invalidSince: unixMs(row.invalid_since) }),
});

/** A browser is named by what it is; its address says nothing to people. */
const shownAs = (row: ContactRow, reader: Reader): Pick<Contact, "address" | "label" | "browser"> =>
  row.kind === "push"
    ? { address: row.label, label: "", browser: row.address }
    : { address: row.is_login ? reader.email : row.address, label: row.label };
