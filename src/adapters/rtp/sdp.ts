import { isIP, SocketAddress } from "node:net";

/** What RTP of a section is for: who sends. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface SdpAttribute {
  readonly name: string;
  /** Empty for flags. */
  readonly value: string;
}

/** One `m=` section. */
export interface SdpSection {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** IP address of its own or of the session; absent when there is none that can be used. */
  readonly host?: string;
  /** With those of the session that count for every section (the direction). */
  readonly attributes: readonly SdpAttribute[];
}

export interface Sdp {
  readonly sections: readonly SdpSection[];
}

const longest = 32_768;
const mostLines = 400;
const directions: readonly string[] = ["sendrecv", "sendonly", "recvonly", "inactive"];

const isUnicast = (host: string): boolean => {
  if (isIP(host) === 6) return !/^ff/iu.test(host);
  return isIP(host) === 4 && Number(host.split(".")[0]) < 224;
};

/** `IN IP4 203.0.113.5/127` → the address; undefined for names and groups, to which we would not send. */
function connectionOf(value: string): string | undefined {
  const [network, family, address = ""] = value.trim().split(/\s+/u);
  const host = address.split("/")[0] ?? "";
  if (network !== "IN" || (family !== "IP4" && family !== "IP6") || isIP(host) !== (family === "IP4" ? 4 : 6)) return undefined;
  if (!isUnicast(host) || host.includes("%")) return undefined;
  // As sockets write it, so that who sends can be compared with who was agreed on.
  return family === "IP6" ? new SocketAddress({ address: host, family: "ipv6" }).address : host;
}

interface Draft {
  kind: string;
  port: number;
  protocol: string;
  formats: string[];
  /** As given; checked in the end. */
  connection: string | undefined;
  attributes: SdpAttribute[];
}

function sectionOf(value: string): Draft | undefined {
  const match = /^([!-~]{1,32}) (\d{1,5})(?:\/\d{1,5})? ([!-~]{1,64})((?: [!-~]{1,64}){0,100})\s*$/u.exec(value);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) return undefined;
  const formats = (match[4] ?? "").split(" ").filter(Boolean);
  return { kind: match[1] ?? "", port, protocol: match[3] ?? "", formats, connection: undefined, attributes: [] };
}

function attributeOf(value: string): SdpAttribute {
  const colon = value.indexOf(":");
  return colon < 0 ? { name: value.trim(), value: "" } : { name: value.slice(0, colon), value: value.slice(colon + 1).trim() };
}

/** Sorts the lines into the session's and those of each section; undefined when a section cannot be read. */
function draftsOf(lines: readonly string[]): Draft[] | undefined {
  const drafts: Draft[] = [{ kind: "", port: 0, protocol: "", formats: [], connection: undefined, attributes: [] }];
  for (const line of lines.filter((one) => one[1] === "=")) {
    const value = line.slice(2);
    const current = drafts.at(-1);
    if (line[0] === "c" && current) current.connection ??= value;
    if (line[0] === "a") current?.attributes.push(attributeOf(value));
    if (line[0] !== "m") continue;
    const draft = sectionOf(value);
    if (!draft) return undefined;
    drafts.push(draft);
  }
  return drafts;
}

/** Reads a description (RFC 4566, 8866) as far as telephones need it; undefined when it is none. Lines may end with CRLF or LF. */
export function parseSdp(text: string): Sdp | undefined {
  if (text.length > longest) return undefined;
  const lines = text.split(/\r\n|\n|\r/u);
  if (lines[0]?.trim() !== "v=0" || lines.length > mostLines) return undefined;
  const [session, ...drafts] = draftsOf(lines) ?? [];
  if (!session) return undefined;
  const shared = session.attributes.filter(({ name }) => directions.includes(name));
  return {
    sections: drafts.map(({ connection, attributes, ...draft }) => {
      const host = connectionOf(connection ?? session.connection ?? "");
      return { ...draft, ...(host === undefined ? {} : { host }), attributes: [...attributes, ...shared] };
    }),
  };
}

/** The direction as the other side sees it. */
export function directionOf(section: SdpSection): Direction {
  const found = section.attributes.find(({ name }) => directions.includes(name))?.name;
  return found === "sendonly" || found === "recvonly" || found === "inactive" ? found : "sendrecv";
}

/** All values of an attribute. */
export const valuesOf = (section: SdpSection, name: string): readonly string[] =>
  section.attributes.filter((attribute) => attribute.name === name).map(({ value }) => value);

/** What an answerer replies to a direction (RFC 3264, section 6.1); we can always do both. */
export const opposite: Readonly<Record<Direction, Direction>> = {
  sendrecv: "sendrecv",
  sendonly: "recvonly",
  recvonly: "sendonly",
  inactive: "inactive",
};

export interface Description {
  readonly sessionId: string;
  readonly version: number;
  readonly host: string;
  /** Lines of each `m=` section, in order. */
  readonly sections: readonly (readonly string[])[];
}

/** Text of a description of ours, with CRLF. */
export function formatSdp({ sessionId, version, host, sections }: Description): string {
  const address = `IN IP${isIP(host) === 6 ? 6 : 4} ${host}`;
  const head = ["v=0", `o=hinoban ${sessionId} ${version} ${address}`, "s=-", `c=${address}`, "t=0 0"];
  return [...head, ...sections.flat(), ""].join("\r\n");
}
