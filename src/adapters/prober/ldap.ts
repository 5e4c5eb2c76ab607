import { Buffer } from "node:buffer";
import type { Conversation } from "./conversation.ts";
import type { Dialogue } from "./dialogue.ts";
import { failure } from "./failure.ts";
import { looksLike } from "./known-greetings.ts";

/** Entries and references before the end of a search. */
const mostMessages = 50;
const longestMessage = 60 * 1024;

/** A DER element: its tag, its contents, and where the next one begins. */
interface Element {
  readonly tag: number;
  readonly body: Buffer;
  readonly end: number;
}

/** The length that the element at `at` says it has, with its head; undefined when that is not all there yet. @throws "protocol-wrong" */
function measured(data: Buffer, at = 0): { readonly start: number; readonly end: number } | undefined {
  const first = data[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw failure("protocol-wrong", "a length that LDAP does not have");
  if (data.length < at + 2 + count) return undefined;
  const start = at + 2 + count;
  return { start, end: start + data.readUIntBE(at + 2, count) };
}

function elementAt(data: Buffer, at: number): Element | undefined {
  const tag = data[at];
  const size = measured(data, at);
  return tag === undefined || !size || size.end > data.length
    ? undefined
    : { tag, body: data.subarray(size.start, size.end), end: size.end };
}

/** The elements that lie in a row. A rest that is none is left out. */
function elements(data: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < data.length;) {
    const element = elementAt(data, at);
    if (!element) break;
    found.push(element);
    at = element.end;
  }
  return found;
}

/** Waits for a whole LDAPMessage (RFC 4511, 4.1.1). @returns its operation */
async function message(talk: Conversation): Promise<Element> {
  const whole = await talk.take((data) => {
    if (data.length > 0 && data[0] !== 0x30) throw failure("protocol-wrong", `no LDAP${known(data)}`);
    const size = measured(data);
    if (size && size.end > longestMessage) throw failure("protocol-wrong", "a message that is too long");
    return size && data.length >= size.end ? size.end : undefined;
  });
  const [id, operation] = elements(elementAt(whole, 0)?.body ?? Buffer.alloc(0));
  if (id?.tag !== 0x02 || !operation) throw failure("protocol-wrong", "no LDAP");
  return operation;
}

const known = (data: Buffer): string => {
  const name = looksLike(data);
  return name === undefined ? "" : `, but ${name}`;
};

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
};
const octets = (text: string, tag = 0x04): Buffer => der(tag, Buffer.from(text, "utf8"));
const number = (value: number, tag = 0x02): Buffer => der(tag, Buffer.from([value]));

/** RFC 4511, 4.14: extended request with the name of StartTLS. */
const startTls = der(0x30, number(1), der(0x77, octets("1.3.6.1.4.1.1466.20037", 0x80)));

/** RFC 4512, 5.1: the root of the directory tells what the server can; it is open to everybody. */
const rootSearch = der(
  0x30,
  number(2),
  der(
    0x63,
    octets(""),
    number(0, 0x0a), // base object
    number(0, 0x0a), // never dereference aliases
    number(1), // one entry
    number(10), // seconds
    number(0, 0x01), // values, too
    octets("objectClass", 0x87), // present
    der(0x30, octets("namingContexts"), octets("supportedLDAPVersion"), octets("vendorName")),
  ),
);
const unbind = der(0x30, number(3), der(0x42));

/** The result code and text of a response (RFC 4511, 4.1.9). */
function result({ body }: Element): { readonly code: number; readonly text: string } {
  const [code, , text] = elements(body);
  if (code?.tag !== 0x0a) throw failure("protocol-wrong", "an LDAP response without a result");
  return { code: code.body[0] ?? 0, text: text?.body.toString("utf8").slice(0, 200) ?? "" };
}

function demandSuccess(operation: Element, what: string): void {
  const { code, text } = result(operation);
  if (code !== 0) throw failure("answer-wrong", `${what}: result ${code}${text === "" ? "" : ` ${text}`}`);
}

/** `name=value value; …` of a search result entry. */
function entryText({ body }: Element): string {
  const [, attributes] = elements(body);
  return elements(attributes?.body ?? Buffer.alloc(0))
    .map((attribute) => {
      const [name, values] = elements(attribute.body);
      const texts = elements(values?.body ?? Buffer.alloc(0)).map((value) => value.body.toString("utf8").slice(0, 200));
      return `${name?.body.toString("utf8").slice(0, 100) ?? ""}=${texts.join(" ")}`;
    })
    .join("; ")
    .slice(0, 400);
}

export const ldap: Dialogue = {
  upgrade: async (talk) => {
    talk.say(startTls);
    const answer = await message(talk);
    if (answer.tag !== 0x78) throw failure("protocol-wrong", "no answer to StartTLS");
    demandSuccess(answer, "StartTLS");
    return "StartTLS: success";
  },
  ask: async (talk) => {
    talk.say(rootSearch);
    let entry = "";
    for (let count = 0; count < mostMessages; count += 1) {
      const operation = await message(talk);
      if (operation.tag === 0x64) entry = entryText(operation);
      else if (operation.tag === 0x65) {
        demandSuccess(operation, "search of the root");
        talk.say(unbind);
        return entry === "" ? "the root holds nothing that everybody may see" : entry;
      } else if (operation.tag !== 0x73) throw failure("protocol-wrong", "an LDAP message that nobody asked for");
    }
    throw failure("protocol-wrong", "a search without an end");
  },
};
