import { ImapMailboxReader } from "#adapters/mailbox/imap";
import { SmtpMailer } from "#adapters/mailer/smtp";
import { WebPushCipher } from "#adapters/push-cipher/web-push";
import { NodeOutgoingHttp, usualRules } from "#adapters/outgoing-http/node";
import type { Clock } from "#base/clock";
import { invalidInput } from "#base/errors";
import { AddressRules, deniedNetworks, isNetwork } from "#base/ip-networks";
import { isMailAddress } from "#base/mail-address";
import { Secret } from "#base/secret";
import type { MailSetup } from "#features/notify";
import type { MailSecurity, MailServer } from "#ports/mailer/port";
import type { Settings } from "./config.ts";

type OutgoingSettings = Pick<Settings, "smtpUrl" | "mailFrom" | "outgoingAllow" | "outgoingDeny">;

/** What leaves this server on behalf of people: requests and mail, within the operator's limits. @throws "invalid-input" for a setting that is wrong */
export function openOutgoing(settings: OutgoingSettings, clock: Clock) {
  const allowed = networksOf("outgoingAllow", settings.outgoingAllow);
  const denied = networksOf("outgoingDeny", settings.outgoingDeny);
  const mail = mailOfInstallation(settings);
  // A mail server often runs on this very machine.
  const mailServers = new AddressRules({ denied: [...deniedNetworks, ...denied], allowed });
  return {
    http: new NodeOutgoingHttp(clock, usualRules({ allowed, denied })),
    mailer: new SmtpMailer(clock, mailServers),
    push: new WebPushCipher(),
    mailboxes: new ImapMailboxReader(clock, mailServers),
    ...(mail ? { mail } : {}),
  };
}

function networksOf(field: string, networks: readonly string[]): readonly string[] {
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong !== undefined) throw invalidInput([{ field, problem: `"${wrong}" is no network, such as 10.0.0.0/8` }]);
  return networks;
}

/** The mail server of the installation; undefined when none is set. @throws "invalid-input" */
export function mailOfInstallation({ smtpUrl, mailFrom }: Pick<Settings, "smtpUrl" | "mailFrom">): MailSetup | undefined {
  if (smtpUrl === "") return undefined;
  return { server: serverOf(smtpUrl), ...senderOf(mailFrom), bounceAddress: "", encoding: "utf-8" };
}

const loosened: Readonly<Record<string, MailSecurity>> = { optional: "opportunistic", none: "none" };

function serverOf(text: string): MailServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "smtps:" && url.protocol !== "smtp:") || url.hostname === "") {
    throw invalidInput([{ field: "smtpUrl", problem: "must be smtp://host:port or smtps://host:port" }]);
  }
  const isTls = url.protocol === "smtps:";
  const usualPort = isTls ? 465 : 587;
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname.replace(/^\[|\]$/gu, ""),
    port: Number(url.port || usualPort),
    security: isTls ? "tls" : securityOf(url),
    verifiesTls: url.searchParams.get("verify") !== "no",
    userName: decodeURIComponent(url.username),
    password: password === "" ? undefined : new Secret(password),
  };
}

const securityOf = (url: URL): MailSecurity => loosened[url.searchParams.get("tls") ?? ""] ?? "starttls";

function senderOf(text: string): { readonly fromAddress: string; readonly fromName: string } {
  const named = /^([^<>]*)<([^<>]+)>$/u.exec(text.trim());
  const fromAddress = (named?.[2] ?? text).trim();
  if (!isMailAddress(fromAddress)) {
    throw invalidInput([{ field: "mailFrom", problem: "must be an address such as alert@example.jp or Hinoban <alert@example.jp>" }]);
  }
  return { fromAddress, fromName: named?.[1]?.trim() ?? "" };
}
