/** What a server's first bytes give away. The pattern is looked for at their beginning. */
const greetings: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["HTTP", /^HTTP\/\d/u],
  ["SSH", /^SSH-\d/u],
  ["SMTP", /^220[ -][^\r\n]*(?:SMTP|mail|postfix|exim|sendmail)/iu],
  ["FTP", /^220[ -][^\r\n]*(?:FTP|FileZilla)/iu],
  ["IMAP", /^\* (?:OK|PREAUTH|BYE)/u],
  ["POP3", /^\+OK/u],
  ["RFB (VNC)", /^RFB \d{3}\./u],
  ["NNTP", /^20[01] [^\r\n]*(?:news|NNTP)/iu],
  ["Redis", /^-(?:ERR|DENIED|NOAUTH)/u],
  ["rsync", /^@RSYNCD:/u],
  ["MySQL", /^[\s\S]{3}\0[\n\u00ff]/u],
];

/** The name of the protocol that begins like this, as far as the first bytes tell. */
export function looksLike(head: Buffer): string | undefined {
  const text = head.toString("latin1");
  if (head.length >= 3 && head[0] !== undefined && head[0] >= 20 && head[0] <= 24 && head[1] === 3) return "TLS";
  const found = greetings.find(([, pattern]) => pattern.test(text));
  if (found) return found[0];
  return /^220[ -]/u.test(text) ? "SMTP or FTP" : undefined;
}

const mostShown = 256;

/** Bytes as people can read them: printable ASCII as it is, the rest as \r, \n, \t or \xNN. */
export function shown(bytes: Buffer): string {
  let text = "";
  for (const byte of bytes.subarray(0, mostShown)) {
    if (byte === 13) text += "\\r";
    else if (byte === 10) text += "\\n";
    else if (byte === 9) text += "\\t";
    else if (byte === 92) text += "\\\\";
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

const escapes: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

/** What somebody typed as bytes: \r, \n, \t, \0, \\ and \xNN stand for bytes, everything else is UTF-8. */
export function typedBytes(text: string): Buffer {
  const parts = text.split(/(\\x[0-9a-fA-F]{2}|\\[rnt0\\])/u);
  return Buffer.concat(
    parts.map((part) => {
      if (/^\\x[0-9a-fA-F]{2}$/u.test(part)) return Buffer.from(part.slice(2), "hex");
      const escaped = part.length === 2 && part.startsWith("\\") ? escapes[part.slice(1)] : undefined;
      return Buffer.from(escaped ?? part, "utf8");
    }),
  );
}
