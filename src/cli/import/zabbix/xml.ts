import { CliFailure, exitCodes } from "../../text.ts";

const deepest = 40;

/**
 * Reads XML as objects: an element without elements is a text, several of one name are a list, attributes are left out. Declares no
 * entities and expands none but XML's own five and numbers, so that a small file cannot become a large one or read another.
 * @returns throws what the parser says, or CliFailure for a file with a document type
 */
export function xmlParser({ XMLParser }: Pick<typeof import("fast-xml-parser"), "XMLParser">): (text: string) => unknown {
  const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    processEntities: false,
    htmlEntities: false,
    cdataPropName: "#cdata",
    maxNestedTags: deepest,
    trimValues: true,
  });
  return (text) => {
    // Comments may come before it; a document type behind the first element is none.
    const prolog = /^(?:\s|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/u.exec(text)?.[0].length ?? 0;
    if (text.startsWith("<!", prolog)) throw documentType();
    return decoded(parser.parse(text, true));
  };
}

const documentType = (): CliFailure =>
  new CliFailure(
    {
      en: "The file has a document type; Zabbix writes none, and it could name other files.",
      ja: "DOCTYPE のある XML は読みません（Zabbix は出力せず、ほかのファイルを参照できるため）。",
    },
    exitCodes.failed,
    "invalid-input",
  );

/** Resolves entities in texts, but not in CDATA sections. Elements are at most {@link deepest} deep. */
function decoded(value: unknown): unknown {
  if (typeof value === "string") return decodedText(value);
  if (Array.isArray(value)) return value.map(decoded);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  const cdata = members.filter(([name]) => name === "#cdata").flatMap(([, one]) => (Array.isArray(one) ? one.map(String) : [String(one)]));
  if (cdata.length === 0) return Object.fromEntries(members.map(([name, one]) => [name, decoded(one)]));
  const around = members.filter(([name]) => name === "#text").map(([, one]) => decodedText(String(one)));
  return [...around, ...cdata].join("");
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decodedText = (text: string): string =>
  text.includes("&")
    ? text.replaceAll(
        /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/gu,
        (all, name: string | undefined, decimal: string | undefined, hex: string | undefined) =>
          name === undefined
            ? letter(decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal), all)
            : (entities[name] ?? all),
      )
    : text;

/** XML has no U+0000, no halves of pairs and nothing above U+10FFFF. */
const letter = (code: number, otherwise: string): string =>
  code === 0 || code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff) ? otherwise : String.fromCodePoint(code);
