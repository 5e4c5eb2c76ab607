import { HinobanError } from "#base/errors";

/** An element of an answer. Attributes are not kept: AWS uses none but namespaces. */
export interface XmlElement {
  readonly name: string;
  /** Its own text, without that of its children. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const deepest = 32;
const mostElements = 200_000;

const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** One piece of markup. A document type is matched by nothing: entities of one's own are how XML parsers are attacked. */
const markup =
  /<(?:\?[^>]*\?|!--[\s\S]*?--|!\[CDATA\[([\s\S]*?)\]\]|\/([\w.:-]+)\s*|([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?))>/uy;

/**
 * Reads the subset of XML that AWS's query APIs answer with: elements, text, the five entities and character numbers. No document type.
 * @throws HinobanError "invalid-input" for anything else, "too-large" for more than 200,000 elements
 */
export function parseXml(text: string): XmlElement {
  const tree = new Tree();
  for (let at = 0; at < text.length;) {
    const next = text.indexOf("<", at);
    const end = next < 0 ? text.length : next;
    if (end > at) tree.addText(decode(text.slice(at, end), at));
    if (next < 0) break;
    markup.lastIndex = next;
    const match = markup.exec(text);
    if (!match) throw malformed(next);
    at = markup.lastIndex;
    const [, literal, closing, opening, , selfClosing] = match;
    if (literal !== undefined) tree.addText(literal);
    if (opening !== undefined) tree.open(opening, next);
    if (closing !== undefined || selfClosing === "/") tree.close(closing, next);
  }
  return tree.end(text.length);
}

/** The elements that are open, the outermost first. */
class Tree {
  #top: Open = { name: "", text: "", children: [] };
  readonly #above: Open[] = [];
  #elements = 0;

  addText(text: string): void {
    this.#top.text += text;
  }

  open(name: string, at: number): void {
    this.#elements += 1;
    if (this.#elements > mostElements) throw new HinobanError("too-large", `The answer has more than ${mostElements} elements.`);
    if (this.#above.length >= deepest) throw malformed(at);
    this.#above.push(this.#top);
    this.#top = { name, text: "", children: [] };
  }

  /** @param name undefined for an element that closes itself */
  close(name: string | undefined, at: number): void {
    const parent = this.#above.pop();
    if (!parent || (name !== undefined && this.#top.name !== name)) throw malformed(at);
    parent.children.push(this.#top);
    this.#top = parent;
  }

  end(at: number): XmlElement {
    const [document, ...more] = this.#top.children;
    if (!document || more.length > 0 || this.#above.length > 0 || this.#top.text.trim() !== "") throw malformed(at);
    return document;
  }
}

function decode(text: string, at: number): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#(?:(\d{1,7})|x([\da-f]{1,6}))|(\w+));|&/giu, (_, decimal?: string, hexadecimal?: string, name?: string) => {
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    const character = name === undefined ? (code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined) : named.get(name);
    if (character === undefined) throw malformed(at);
    return character;
  });
}

const malformed = (at: number): HinobanError =>
  new HinobanError("invalid-input", `The answer is not XML as AWS writes it (character ${at}).`);

/** The first child at the end of `path`, or undefined. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((candidate) => candidate.name === name);
  return at;
}

/** The text at the end of `path`, without blanks around it; undefined when there is no such element or it is empty. */
export function textOf(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  const text = child(element, ...path)?.text.trim();
  return text === "" ? undefined : text;
}

/** The entries of the list at the end of `path`, whatever they are called (`member`, `DBInstance`). */
export const listOf = (element: XmlElement | undefined, ...path: readonly string[]): readonly XmlElement[] =>
  child(element, ...path)?.children ?? [];
