import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import SMTPConnection, { type SMTPConnectionOptions, type SMTPConnectionSendInfo } from "nodemailer/lib/smtp-connection";
import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { AddressRules, deniedNetworks } from "#base/ip-networks";
import { oneLine } from "#base/mail-address";
import type { Mail, MailAccepted, Mailer, MailFailure, MailServer } from "#ports/mailer/port";
import { composeMail } from "./compose.ts";

const connectWithin = seconds(10);
const idleWithin = seconds(20);
/** For the whole of one mail: shorter than the lease of whoever sends it. */
const sendWithin = seconds(75);
const mostReplyBytes = 64 * 1024;
const longestReply = 300;

/** Hands mail to servers over SMTP (RFC 5321), one connection for each. */
export class SmtpMailer implements Mailer {
  readonly #clock: Clock;
  readonly #rules: AddressRules;
  readonly #open = new Set<SMTPConnection>();

  /** @param rules which addresses a mail server may have; by default also the machine itself, where many servers run */
  constructor(clock: Clock, rules = new AddressRules({ denied: deniedNetworks })) {
    this.#clock = clock;
    this.#rules = rules;
  }

  async send(server: MailServer, mail: Mail): Promise<MailAccepted> {
    const raw = await composeMail(mail);
    const info = await this.#within(server, async (connection) => {
      await signIn(connection, server);
      return new Promise<SMTPConnectionSendInfo>((resolve, reject) => {
        connection.send({ from: mail.envelopeFrom, to: [...mail.to], size: raw.length, use8BitMime: false }, raw, (error, sent) => {
          if (error || !sent) reject(error ?? new Error("The server said nothing."));
          else resolve(sent);
        });
      });
    });
    const replies = info.rejectedErrors ?? [];
    return {
      accepted: info.accepted,
      rejected: info.rejected.map((address, index) => ({ address, reply: replyOf(replies[index]) })),
      reply: oneLine(info.response).slice(0, longestReply),
    };
  }

  async verify(server: MailServer): Promise<void> {
    await this.#within(server, (connection) => signIn(connection, server));
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  /** Connects, does the work and quits; whatever happens, it ends in time. */
  async #within<T>(server: MailServer, work: (connection: SMTPConnection) => Promise<T>): Promise<T> {
    const addresses = await this.#addressesOf(server.host);
    let last: unknown;
    for (const address of addresses) {
      const connection = new SMTPConnection(optionsOf(server, address));
      this.#open.add(connection);
      try {
        return await this.#guarded(connection, async () => {
          await connected(connection);
          return work(connection);
        });
      } catch (error) {
        last = error;
        // Another address of the same name helps only when nobody listens at this one.
        if (!isUnreachable(error)) break;
      } finally {
        this.#open.delete(connection);
      }
    }
    throw failureOf(last, server);
  }

  #guarded<T>(connection: SMTPConnection, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.after("mailer.timeout", sendWithin, () => {
        reject(Object.assign(new Error(`It took longer than ${sendWithin / 1000} s.`), { code: "ETIMEDOUT", command: "DATA" }));
        connection.close();
      });
      connection.once("error", reject);
      connection.once("end", () => reject(Object.assign(new Error("The server closed the connection."), { code: "ECONNECTION" })));
      const ended = (): void => {
        deadline.cancel();
        connection.on("error", () => undefined); // it is over; nobody listens any more
        connection.quit();
      };
      work().then(resolve, reject).finally(ended);
    });
  }

  async #addressesOf(host: string): Promise<string[]> {
    const found = isIP(host) === 0 ? (await this.#lookup(host)).map(({ address }) => address) : [host];
    const allowed = found.filter((address) => this.#rules.allows(address));
    if (allowed.length === 0) throw refused(`The address of the mail server ${host} is not allowed.`);
    return allowed.slice(0, 3);
  }

  async #lookup(host: string) {
    try {
      return await lookup(host, { all: true });
    } catch (error) {
      throw refused(`The mail server ${host} is not known by that name: ${messageOf(error)}`);
    }
  }
}

const refused = (sentence: string): HinobanError => {
  const facts: MailFailure = { refusal: "server", isUnknown: false, rejected: [] };
  return new HinobanError("unavailable", sentence, { ...facts });
};

function optionsOf(server: MailServer, address: string): SMTPConnectionOptions {
  return {
    host: address,
    port: server.port,
    name: /^[\w.-]+$/u.test(hostname()) ? hostname() : "[127.0.0.1]",
    secure: server.security === "tls",
    requireTLS: server.security === "starttls",
    ignoreTLS: server.security === "none",
    opportunisticTLS: server.security === "opportunistic",
    connectionTimeout: connectWithin,
    greetingTimeout: connectWithin,
    socketTimeout: idleWithin,
    socketCloseTimeout: 1000,
    maxResponseSize: mostReplyBytes,
    tls: { rejectUnauthorized: server.verifiesTls, ...(isIP(server.host) === 0 ? { servername: server.host } : {}) },
  };
}

const connected = (connection: SMTPConnection): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });

function signIn(connection: SMTPConnection, server: MailServer): Promise<void> {
  if (server.userName === "") return Promise.resolve();
  return new Promise((resolve, reject) => {
    connection.login({ user: server.userName, pass: server.password?.reveal() ?? "" }, (error) => (error ? reject(error) : resolve()));
  });
}

/** What the library tells of a failure. */
interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly rejected?: readonly string[];
}

const smtpError = (error: unknown): SmtpError => (error instanceof Error ? (error as SmtpError) : {}); // every field is optional and looked at before use

const isUnreachable = (error: unknown): boolean => {
  const { code, command } = smtpError(error);
  return command === "CONN" && (code === "ESOCKET" || code === "ETIMEDOUT" || code === "ECONNECTION");
};

const replyOf = (error: unknown): string => oneLine(smtpError(error).response ?? messageOf(error)).slice(0, longestReply);

/** Judged by the server's own number: 4 is for now, 5 for good. */
function failureOf(error: unknown, server: MailServer): HinobanError {
  if (error instanceof HinobanError) return error;
  const { code, command = "", responseCode, rejected = [] } = smtpError(error);
  const isForGood = responseCode !== undefined && responseCode >= 500;
  const refusal = ((): MailFailure["refusal"] => {
    if (code === "EAUTH" || code === "ETLS" || command === "CONN" || command.startsWith("AUTH") || command === "STARTTLS") return "server";
    if (!isForGood) return responseCode === undefined ? "server" : "later";
    if (code === "EENVELOPE") return rejected.length > 0 || command.startsWith("RCPT") ? "address" : "server";
    return code === "EMESSAGE" ? "message" : "server";
  })();
  const isUnknown = responseCode === undefined && (command === "DATA" || command === "" || code === "ECONNECTION") && command !== "CONN";
  // 421: the server is about to close, whatever it was asked (RFC 5321, 4.2.1); that says nothing about the address.
  const facts: MailFailure = { refusal, isUnknown, rejected: responseCode === 421 ? [] : rejected };
  const about = code === "ETLS" || command === "STARTTLS" ? "STARTTLS: " : "";
  return new HinobanError("unavailable", `The mail server ${server.host}: ${about}${replyOf(error)}`, { ...facts }, { cause: error });
}
