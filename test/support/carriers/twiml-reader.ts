/** An element of TwiML as a provider reads it. */
export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlElement[];
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** @throws for a character that XML 1.0 does not have, and for an entity that it does not know */
function decoded(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML forbids
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u.test(text)) throw new Error("12100: a character that XML does not have");
  return text.replaceAll(/&([^;]*);?/gu, (whole, name: string) => {
    const plain = entities[name];
    if (plain === undefined || !whole.endsWith(";")) throw new Error(`12100: the entity ${whole} is unknown`);
    return plain;
  });
}

/** Reads a document strictly: whatever is not closed, quoted or escaped as it must be is an error. @throws with Twilio's number 12100 */
export function readTwiml(document: string): readonly TwimlElement[] {
  const reader = { rest: document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/u, "") };
  const root = element(reader);
  if (root.name !== "Response" || reader.rest.trim() !== "") throw new Error("12100: the document is not one Response");
  return root.children;
}

function element(reader: { rest: string }): TwimlElement {
  const open = /^\s*<([A-Za-z]+)((?:\s+[A-Za-z]+="[^"<]*")*)\s*(\/?)>/u.exec(reader.rest);
  if (!open) throw new Error(`12100: no element at ${reader.rest.slice(0, 40)}`);
  const [whole, name = "", pairs = "", empty] = open;
  reader.rest = reader.rest.slice(whole.length);
  const attributes = Object.fromEntries(
    [...pairs.matchAll(/([A-Za-z]+)="([^"]*)"/gu)].map(([, key = "", value = ""]) => [key, decoded(value)]),
  );
  if (empty === "/") return { name, attributes, children: [], text: "" };
  const children: TwimlElement[] = [];
  let text = "";
  for (;;) {
    const plain = /^[^<]*/u.exec(reader.rest)?.[0] ?? "";
    text += decoded(plain);
    reader.rest = reader.rest.slice(plain.length);
    const close = `</${name}>`;
    if (reader.rest.startsWith(close)) {
      reader.rest = reader.rest.slice(close.length);
      return { name, attributes, children, text };
    }
    children.push(element(reader));
  }
}
