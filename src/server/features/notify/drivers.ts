import type { Driver } from "./driver.ts";
import { MailDriver } from "./drivers/mail.ts";
import type { NotifyDeps } from "./context.ts";

/** The way to send to each type of channel; `mail` reaches persons. A telephone line is added by whoever has one. */
export function driversOf({ mailer, serverKey }: NotifyDeps): Map<string, Driver> {
  const mail = new MailDriver(mailer, serverKey);
  return new Map<string, Driver>([
    ["mail", mail],
    ["email", mail],
  ]);
}
