import type { Millis, UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";

/** Where a mailbox is and how one signs in. */
export interface MailboxPlace {
  readonly host: string;
  readonly port: number;
  /** `tls` from the start, `starttls` without which nothing is said, `none`. */
  readonly security: "tls" | "starttls" | "none";
  readonly verifiesTls: boolean;
  readonly userName: string;
  readonly password: Secret;
  readonly folder: string;
}

/** What a mail says, as its reader sees it. */
export interface MailText {
  /** Without its angle brackets; of a mail without one, a digest of the whole mail. */
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  /** Plain text, of a mail in HTML alone what can be read of it. */
  readonly text: string;
  /** The value of Auto-Submitted (RFC 3834) in small letters; empty without one. */
  readonly autoSubmitted: string;
}

/** A mail as it lies in a folder. */
export interface ReceivedMail {
  /** Grows within a folder, as long as its {@link OpenMailbox.validity} stays. */
  readonly uid: number;
  /** When the server got it. */
  readonly receivedAt: UnixMs;
  /** Of the whole mail, in bytes. */
  readonly size: number;
  /** It was larger than asked for: only its beginning was read. */
  readonly isCut: boolean;
  readonly mail: MailText;
}

/** A folder that stays open. Everything fails with "unavailable" once the connection is gone. */
export interface OpenMailbox {
  /** UIDVALIDITY as text: when it is another one, UIDs mean other mails (RFC 9051, 2.3.1.1). */
  readonly validity: string;
  /** The UID that the next mail gets at least. */
  readonly nextUid: number;
  readonly mails: number;
  /** Mails whose UIDs are greater, in their order, at most so many, of each at most so many bytes. */
  after(uid: number, most: number, mostBytes: number): Promise<readonly ReceivedMail[]>;
  markSeen(uids: readonly number[]): Promise<void>;
  /** Waits until the server tells of new mail (IDLE), or so long; also returns, or fails, when the connection ends. */
  changed(atMost: Millis): Promise<void>;
  close(): Promise<void>;
}

/** Reads mailboxes of others over the network. */
export interface MailboxReader {
  /** @throws "unavailable" in one sentence for people: not reachable, refused, no such folder, address not allowed */
  open(place: MailboxPlace): Promise<OpenMailbox>;
}
