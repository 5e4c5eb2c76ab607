import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { ImapFlow } from "imapflow";
import type { Clock } from "#base/clock";
import { seconds, unixMs, type Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { AddressRules } from "#base/ip-networks";
import type { MailboxPlace, MailboxReader, OpenMailbox, ReceivedMail } from "#ports/mailbox/port";
import { mailTextOf } from "./mail-text.ts";

const connectWithin = seconds(10);
const answerWithin = seconds(60);
const longestReply = 300;

/** Reads mailboxes over IMAP (RFC 3501, RFC 9051). */
export class ImapMailboxReader implements MailboxReader {
  readonly #clock: Clock;
  readonly #rules: AddressRules;

  /** @param rules which addresses a mail server may have */
  constructor(clock: Clock, rules: AddressRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  async open(place: MailboxPlace): Promise<OpenMailbox> {
    const client = clientOf(place, await this.#addressOf(place.host));
    // Whatever goes wrong later is told by whoever asks next; without a listener it would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const folder = await client.mailboxOpen(place.folder).catch((error: unknown) => {
        throw unavailable(`The folder ${place.folder} at ${place.host} cannot be opened: ${replyOf(error)}`, error);
      });
      return new ImapFolder(client, this.#clock, {
        validity: String(folder.uidValidity),
        nextUid: folder.uidNext ?? 1,
        mails: folder.exists,
        name: place.host,
      });
    } catch (error) {
      client.close();
      throw failureOf(error, place);
    }
  }

  /** The name is asked for here, and what was judged is what is connected to. */
  async #addressOf(host: string): Promise<string> {
    const found = isIP(host) === 0 ? await addressesOf(host) : [host];
    const allowed = found.find((address) => this.#rules.allows(address));
    if (allowed !== undefined) return allowed;
    throw unavailable(`The address of the mail server ${host} is not allowed. The setting outgoingAllow names networks that are.`);
  }
}

async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw unavailable(`The mail server ${host} is not known by that name: ${messageOf(error)}`);
  }
}

const clientOf = ({ host, port, security, verifiesTls, userName, password }: MailboxPlace, address: string): ImapFlow =>
  new ImapFlow({
    host: address,
    port,
    secure: security === "tls",
    ...(security === "tls" ? {} : { doSTARTTLS: security === "starttls" }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    tls: { rejectUnauthorized: verifiesTls },
    auth: { user: userName, pass: password.reveal() },
    clientInfo: { name: "Hinoban" },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: connectWithin,
    greetingTimeout: connectWithin,
    socketTimeout: answerWithin,
  });

interface FolderFacts {
  readonly validity: string;
  readonly nextUid: number;
  readonly mails: number;
  readonly name: string;
}

class ImapFolder implements OpenMailbox {
  readonly validity: string;
  readonly nextUid: number;
  readonly mails: number;
  readonly #client: ImapFlow;
  readonly #clock: Clock;
  readonly #name: string;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(client: ImapFlow, clock: Clock, { validity, nextUid, mails, name }: FolderFacts) {
    this.validity = validity;
    this.nextUid = nextUid;
    this.mails = mails;
    this.#client = client;
    this.#clock = clock;
    this.#name = name;
    const changed = (): void => {
      this.#hasChanged = true;
      this.#wake?.();
    };
    client.on("exists", changed);
    client.on("close", changed);
  }

  after(uid: number, most: number, mostBytes: number): Promise<readonly ReceivedMail[]> {
    return this.#asking(async () => {
      this.#hasChanged = false;
      const found = await this.#client.search({ uid: `${uid + 1}:*` }, { uid: true });
      // "n:*" names the last mail even when its UID is smaller.
      const uids = (found === false ? [] : (found ?? [])).filter((one) => one > uid).toSorted((a, b) => a - b);
      if (uids.length === 0) return [];
      const wanted = uids.slice(0, most).join(",");
      const query = { uid: true, size: true, internalDate: true, source: { start: 0, maxLength: mostBytes } };
      const mails: ReceivedMail[] = [];
      for await (const { uid: one, size = 0, internalDate, source } of this.#client.fetch(wanted, query, { uid: true })) {
        const raw = source ?? Buffer.alloc(0);
        const at = internalDate === undefined ? this.#clock.now() : unixMs(new Date(internalDate).getTime());
        mails.push({ uid: one, receivedAt: at, size, isCut: size > raw.length, mail: await mailTextOf(raw) });
      }
      return mails.toSorted((a, b) => a.uid - b.uid);
    });
  }

  async markSeen(uids: readonly number[]): Promise<void> {
    if (uids.length > 0) await this.#asking(() => this.#client.messageFlagsAdd(uids.join(","), [String.raw`\Seen`], { uid: true }));
  }

  async changed(atMost: Millis): Promise<void> {
    if (this.#hasChanged || !this.#client.usable) return;
    // Ended by the next command; a server that has no IDLE is asked again after the time.
    if (this.#client.capabilities.has("IDLE")) this.#client.idle().catch(() => undefined);
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after("mailbox.idle", atMost, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async close(): Promise<void> {
    this.#wake?.();
    try {
      if (this.#client.usable) await this.#client.logout();
    } catch {
      // It is over either way.
    } finally {
      this.#client.close();
    }
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.#client.usable) throw unavailable(`The mail server ${this.#name} closed the connection.`);
    try {
      return await ask();
    } catch (error) {
      throw unavailable(`The mail server ${this.#name}: ${replyOf(error)}`, error);
    }
  }
}

const unavailable = (sentence: string, cause?: unknown): HinobanError => new HinobanError("unavailable", sentence, {}, { cause });

/** What the library tells of a failure; every field is optional and looked at before use. */
interface ImapError {
  readonly responseText?: string;
  readonly authenticationFailed?: boolean;
}

const imapError = (error: unknown): ImapError => (error instanceof Error ? (error as ImapError) : {}); // as above

const replyOf = (error: unknown): string => {
  const { responseText = "" } = imapError(error);
  return (responseText === "" ? messageOf(error) : responseText).replaceAll(/\s+/gu, " ").trim().slice(0, longestReply);
};

function failureOf(error: unknown, { host, userName }: MailboxPlace): HinobanError {
  if (error instanceof HinobanError) return error;
  const { authenticationFailed } = imapError(error);
  const said = replyOf(error);
  if (authenticationFailed === true) return unavailable(`The mail server ${host} does not let ${userName} in: ${said}`, error);
  return unavailable(`The mail server ${host}: ${said}`, error);
}
