import { createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { minutes, type UnixMs } from "#base/duration";
import { findOrganisation } from "#features/identity";
import type { Tx } from "#store";
import type { Language } from "#wire/shapes";
import type { NotifyContext } from "./context.ts";
import type { Driver, Job, Result } from "./driver.ts";
import { readMailSetup } from "./mail-server.ts";
import type { Notice } from "./model.ts";
import type { ContactRow, Reader } from "./store.ts";

/** For how long a code can be typed back. */
export const codeValid = minutes(30);
/** With six digits, as many tries guess right once in 200,000. */
export const mostCodeTries = 5;

export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");

/** What is stored of a code: useless without the server key, and for another contact. */
export const codeDigest = ({ deps }: NotifyContext, contactId: string, code: string): Buffer =>
  createHmac("sha256", deps.serverKey.reveal()).update(`contact-code\0${contactId}\0${code}`).digest();

export const isCode = (notify: NotifyContext, contactId: string, digest: Uint8Array, typed: string): boolean =>
  timingSafeEqual(codeDigest(notify, contactId, typed.replaceAll(/\s/gu, "")), digest);

const words: Readonly<Record<Language, { title: (code: string) => string; summary: (code: string, name: string) => string }>> = {
  en: {
    title: (code) => `${code} is your code for Hinoban`,
    summary: (code, name) =>
      `${name} wants Hinoban to send notifications to this address. Enter this code within 30 minutes:\n\n${code}\n\nIf you do not know of this, ignore this mail.`,
  },
  ja: {
    title: (code) => `Hinoban の確認コード: ${code}`,
    summary: (code, name) =>
      `${name} さんがこのアドレスを Hinoban の通知先に登録しようとしています。30 分以内に次のコードを入力してください。\n\n${code}\n\n心当たりがない場合は、このメールを破棄してください。`,
  },
};

const noticeOf = (language: Language, code: string, name: string): Notice => ({
  severity: "information",
  tone: "neutral",
  title: words[language].title(code),
  summary: words[language].summary(code, name),
  facts: [],
  url: undefined,
  actions: [],
  thread: undefined,
  picture: undefined,
  mackerel: undefined,
  mention: undefined,
});

/** The mail that carries a code, ready to be handed over outside the transaction. */
export async function codeJob(
  notify: NotifyContext,
  tx: Tx,
  { id, address, encoding }: ContactRow,
  reader: Reader,
  code: string,
  at: UnixMs,
): Promise<Job> {
  const organisation = await findOrganisation(tx);
  return {
    deliveryId: `code.${id}.${at.toString(36)}`,
    at,
    organisation: organisation ?? { id: "", name: "", displayName: "" },
    notice: noticeOf(reader.language, code, reader.name),
    about: "test",
    isTest: true,
    language: reader.language,
    timeZone: reader.timeZone,
    channel: undefined,
    personId: reader.id,
    targets: [{ address, encoding, contactId: undefined, personId: reader.id }],
    mail: await readMailSetup(notify, tx),
    mentioned: [],
    root: undefined,
    progress: [],
    picture: async () => undefined,
  };
}

/** Hands a mail over at once, past the outbox: somebody waits for it, and it is worth nothing later. */
export async function sendAtOnce(notify: NotifyContext, job: Job): Promise<Result> {
  const driver: Driver | undefined = notify.drivers.get("mail");
  const result = await driver?.send(job);
  return result && result.kind !== "handed-on"
    ? result
    : { kind: "failed", problem: "Mail cannot be sent here.", isForGood: true, blame: "server" };
}
