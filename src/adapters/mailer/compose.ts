import { createHash } from "node:crypto";
import MailComposer from "nodemailer/lib/mail-composer";
import { isMailAddress, oneLine } from "#base/mail-address";
import { HinobanError } from "#base/errors";
import type { Mail, MailAddress } from "#ports/mailer/port";
import { iso2022JpBody, iso2022JpHeader } from "./iso-2022-jp.ts";

/** Told to every machine that reads the mail: nobody waits for an answer. */
const automatic = { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" } as const;

/** The mail as bytes. @throws "invalid-input" for an address that is none */
export async function composeMail(mail: Mail): Promise<Buffer> {
  for (const address of [mail.from.address, mail.envelopeFrom, ...mail.to]) {
    if (!isMailAddress(address)) throw new HinobanError("invalid-input", `${oneLine(address)} is no mail address.`);
  }
  // What reads only ISO-2022-JP cannot read files either.
  const isPlain = mail.encoding === "iso-2022-jp" && (mail.attachments ?? []).length === 0;
  return (isPlain ? composeIso2022Jp(mail) : undefined) ?? composeUtf8(mail);
}

function composeUtf8(mail: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { address: mail.from.address, name: oneLine(mail.from.name) },
    to: mail.to.map((address) => ({ address, name: "" })),
    subject: oneLine(mail.subject),
    text: mail.text,
    html: mail.html,
    date: new Date(mail.at),
    messageId: mail.messageId,
    ...(mail.references.length > 0 ? { inReplyTo: mail.references.at(-1) ?? "", references: [...mail.references] } : {}),
    headers: automatic,
    attachments: [
      ...mail.images.map((image) => ({
        cid: image.id,
        filename: image.fileName,
        content: Buffer.from(image.png),
        contentType: "image/png",
        contentDisposition: "inline" as const,
      })),
      ...(mail.attachments ?? []).map((file) => ({
        filename: file.fileName,
        content: Buffer.from(file.content),
        contentType: file.mediaType,
        contentDisposition: "attachment" as const,
      })),
    ],
    // Texts come from everywhere: none of them may name a file or an address to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return new Promise((resolve, reject) => {
    composer.compile().build((error, message) => {
      if (error) reject(error);
      else resolve(message ?? Buffer.alloc(0));
    });
  });
}

/**
 * Text alone, for gateways and telephones that know no UTF-8; a picture is attached. Undefined when ISO-2022-JP cannot keep the text.
 */
function composeIso2022Jp(mail: Mail): Buffer | undefined {
  const subject = iso2022JpHeader(oneLine(mail.subject));
  const from = iso2022JpAddress(mail.from);
  const body = iso2022JpBody(mail.text);
  if (subject === undefined || from === undefined || !body) return undefined;
  const headers = [
    `From: ${from}`,
    `To: ${mail.to.join(",\r\n ")}`,
    `Subject: ${subject}`,
    `Message-ID: ${mail.messageId}`,
    ...(mail.references.length > 0 ? [`In-Reply-To: ${mail.references.at(-1)}`, `References: ${mail.references.join("\r\n ")}`] : []),
    `Date: ${new Date(mail.at).toUTCString().replace("GMT", "+0000")}`,
    ...Object.entries(automatic).map(([name, value]) => `${name}: ${value}`),
    "MIME-Version: 1.0",
  ];
  const text = ["Content-Type: text/plain; charset=ISO-2022-JP", "Content-Transfer-Encoding: 7bit"];
  if (mail.images.length === 0) return joined([...headers, ...text], body);
  const boundary = `hinoban-${createHash("sha256").update(mail.messageId).digest("hex").slice(0, 24)}`;
  const parts = [joined([`--${boundary}`, ...text], body), ...mail.images.map((image) => imagePart(boundary, image))];
  return joined(
    [...headers, `Content-Type: multipart/mixed; boundary="${boundary}"`],
    Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  );
}

const joined = (lines: readonly string[], body: Buffer): Buffer => Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);

function imagePart(boundary: string, image: Mail["images"][number]): Buffer {
  const name = image.fileName.replaceAll(/[^\w.-]/gu, "_");
  const lines = Buffer.from(image.png)
    .toString("base64")
    .replaceAll(/.{76}(?=.)/gu, "$&\r\n");
  return joined(
    [
      `--${boundary}`,
      `Content-Type: image/png; name="${name}"`,
      "Content-Transfer-Encoding: base64",
      `Content-Disposition: attachment; filename="${name}"`,
    ],
    Buffer.from(`${lines}\r\n`),
  );
}

function iso2022JpAddress({ address, name }: MailAddress): string | undefined {
  const line = oneLine(name);
  if (line === "") return address;
  const isPlain = /^[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*$/u.test(line);
  const phrase = isPlain ? line : iso2022JpHeader(`${line} `.trimEnd());
  if (phrase === undefined) return undefined;
  // Letters such as a comma mean something in a list of addresses, unless they are quoted.
  const isQuoted = !isPlain && !phrase.startsWith("=?");
  return `${isQuoted ? `"${phrase.replaceAll(/["\\]/gu, "\\$&")}"` : phrase}\r\n <${address}>`;
}
