import type { Secret } from "#base/secret";

/** How a connection to a mail server is protected: `starttls` refuses to go on without it, `opportunistic` takes it when offered. */
export type MailSecurity = "tls" | "starttls" | "opportunistic" | "none";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly verifiesTls: boolean;
  /** Empty: no sign-in. */
  readonly userName: string;
  readonly password: Secret | undefined;
}

export interface MailAddress {
  readonly address: string;
  readonly name: string;
}

/** A picture that stands in the HTML under `cid:<id>`. */
export interface MailImage {
  readonly id: string;
  readonly fileName: string;
  readonly png: Uint8Array;
}

/** A file that comes with the mail. */
export interface MailAttachment {
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

export type MailEncoding = "utf-8" | "iso-2022-jp";

/** One mail to one person; several addresses are all theirs. */
export interface Mail {
  readonly from: MailAddress;
  readonly to: readonly string[];
  /** Where bounces go. */
  readonly envelopeFrom: string;
  /** With the angle brackets; the same mail repeated has the same one. */
  readonly messageId: string;
  readonly references: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly images: readonly MailImage[];
  readonly attachments?: readonly MailAttachment[];
  /** Falls back to UTF-8 when the text has characters that ISO-2022-JP cannot keep. */
  readonly encoding: MailEncoding;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface MailAccepted {
  readonly accepted: readonly string[];
  /** Addresses that the server refused while it took others. */
  readonly rejected: readonly { readonly address: string; readonly reply: string }[];
  readonly reply: string;
}

/**
 * Why a mail was not handed over. `address`: the server refuses every recipient for good; `message`: it refuses the mail itself for good;
 * `server`: the server cannot be used (unreachable, sign-in, TLS, its own refusal of the sender); `later`: it asks to come again.
 */
export type MailRefusal = "address" | "message" | "server" | "later";

/** The fact that a HinobanError of {@link Mailer.send} carries besides its sentence. */
export interface MailFailure {
  readonly refusal: MailRefusal;
  /** Nobody knows whether the server has it: the connection ended while the mail was on its way. */
  readonly isUnknown: boolean;
  /** With `address` and `later`: the recipients because of whom it failed; with `later` and none it is the server that asks to come again. */
  readonly rejected: readonly string[];
}

/** Hands mail to servers. */
export interface Mailer {
  /** @throws HinobanError "unavailable" with the facts of {@link MailFailure} */
  send(server: MailServer, mail: Mail): Promise<MailAccepted>;
  /** Connects and signs in, sends nothing. @throws as `send` */
  verify(server: MailServer): Promise<void>;
  /** Ends connections that are kept open. */
  close(): void;
}
