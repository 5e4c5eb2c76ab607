import { severities, type Severity } from "#wire/alerting";
import type { ImapSecurity, Mailbox, MailRule } from "#wire/sources";

/** A rule as the form holds it: what is empty is left out. */
export interface RuleValues {
  /** Stays while rules move. */
  readonly id: number;
  readonly action: MailRule["action"];
  readonly from: string;
  readonly subject: string;
  readonly body: string;
  readonly name: string;
  readonly key: string;
  readonly host: string;
  readonly severity: Severity | "";
  readonly closes: string;
}

/** The fields of a mailbox, besides those that every source has. */
export interface MailValues {
  readonly imapHost: string;
  readonly imapPort: number;
  readonly imapSecurity: ImapSecurity;
  readonly imapVerifies: boolean;
  readonly imapUser: string;
  readonly imapPassword: string;
  readonly folder: string;
  readonly marksSeen: boolean;
  readonly unmatched: Mailbox["unmatched"];
  readonly mailRules: readonly RuleValues[];
}

export const noMailbox: MailValues = {
  imapHost: "",
  imapPort: 993,
  imapSecurity: "tls",
  imapVerifies: true,
  imapUser: "",
  imapPassword: "",
  folder: "INBOX",
  marksSeen: true,
  unmatched: "alert",
  mailRules: [],
};

const textFields = ["from", "subject", "body", "name", "key", "host", "closes"] as const;

export const newRule = (id: number): RuleValues => ({
  id,
  action: "alert",
  from: "",
  subject: "",
  body: "",
  name: "",
  key: "",
  host: "",
  severity: "",
  closes: "",
});

export const mailValuesOf = (mailbox: Mailbox | undefined): MailValues =>
  mailbox
    ? {
        imapHost: mailbox.host,
        imapPort: mailbox.port,
        imapSecurity: mailbox.security,
        imapVerifies: mailbox.verifiesTls,
        imapUser: mailbox.userName,
        imapPassword: "",
        folder: mailbox.folder,
        marksSeen: mailbox.marksSeen,
        unmatched: mailbox.unmatched,
        mailRules: mailbox.rules.map((rule, index) => ({ ...newRule(index), ...rule })),
      }
    : noMailbox;

/** What the server is sent. */
export const mailboxOf = (values: MailValues): Mailbox => ({
  host: values.imapHost.trim(),
  port: values.imapPort,
  security: values.imapSecurity,
  verifiesTls: values.imapVerifies,
  userName: values.imapUser.trim(),
  ...(values.imapPassword === "" ? {} : { password: values.imapPassword }),
  folder: values.folder.trim(),
  marksSeen: values.marksSeen,
  unmatched: values.unmatched,
  rules: values.mailRules.map(ruleOf),
});

function ruleOf(values: RuleValues): MailRule {
  const typed = textFields.filter((field) => values[field].trim() !== "").map((field) => [field, values[field].trim()]);
  const severity = severities.find((one) => one === values.severity);
  return { action: values.action, ...Object.fromEntries(typed), ...(severity ? { severity } : {}) };
}

/** The usual port of a way to protect the connection. */
export const usualPort = (security: ImapSecurity): number => (security === "tls" ? 993 : 143);
