export { defaultProbeTimeout, hostOfVantage, mostVantages, serverVantage } from "./probe-words.ts";
import { Type, type Static, type TSchema } from "typebox";

/** What is asked of the network, once: shared by monitors, by trying out, by path diagnosis and by agents that do it for the server. */

const HostText = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: "^[^\\s/@?#]+$",
  description: "Name or IP address, without a port.",
});
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const Line = Type.String({ maxLength: 1000 });

/** `auto`: whichever address the name has, IPv6 and IPv4 alike, in the resolver's order. */
export const AddressFamily = Type.Union([Type.Literal("ipv4"), Type.Literal("ipv6"), Type.Literal("auto")]);
export type AddressFamily = Static<typeof AddressFamily>;

/** How TLS comes about: not at all, by a command in the protocol, or from the first byte. */
export const TlsMode = Type.Union([Type.Literal("none"), Type.Literal("starttls"), Type.Literal("implicit")]);
export type TlsMode = Static<typeof TlsMode>;

const timeout = {
  timeoutSeconds: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 60,
      description: "For the whole probe, from the look-up of the name to the last byte. 15 when left out.",
    }),
  ),
};
const common = { family: Type.Optional(AddressFamily), ...timeout };

const tlsFields = {
  tls: Type.Optional(TlsMode),
  serverName: Type.Optional(
    Type.String({ maxLength: 253, description: "Name that is asked for and must stand in the certificate; left out: the host." }),
  ),
  skipCertificateVerification: Type.Optional(Type.Boolean()),
};

export const HttpMethod = Type.Union([Type.Literal("GET"), Type.Literal("POST"), Type.Literal("PUT"), Type.Literal("DELETE")]);
export type HttpMethod = Static<typeof HttpMethod>;

export const HttpHeader = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 256, pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
  value: Type.String({ maxLength: 4096, pattern: "^[^\\r\\n\\0]*$" }),
});

/** Mackerel's external monitoring: the same fields, the same rules. */
export const HttpSpec = Type.Object({
  kind: Type.Literal("http"),
  url: Type.String({
    minLength: 1,
    maxLength: 2000,
    pattern: "^https?://[^\\s]+$",
    description: "http or https; may hold user and password.",
  }),
  method: Type.Optional(HttpMethod),
  headers: Type.Optional(Type.Array(HttpHeader, { maxItems: 50 })),
  requestBody: Type.Optional(Type.String({ maxLength: 65_536 })),
  followRedirect: Type.Optional(Type.Boolean()),
  expectedStatusCode: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
  containsString: Type.Optional(Type.String({ maxLength: 1000 })),
  skipCertificateVerification: Type.Optional(Type.Boolean()),
  family: Type.Optional(AddressFamily),
  ...timeout,
});
export type HttpSpec = Static<typeof HttpSpec>;

export const PingSpec = Type.Object({
  kind: Type.Literal("ping"),
  host: HostText,
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, description: "Packets; 3 when left out." })),
  mostLoss: Type.Optional(Type.Integer({ minimum: 0, maximum: 99, description: "Percent of packets that may be lost; 99 when left out." })),
  ...common,
});
export type PingSpec = Static<typeof PingSpec>;

export const TcpSpec = Type.Object({
  kind: Type.Literal("tcp"),
  host: HostText,
  port: Port,
  send: Type.Optional(Type.Union([Line], { description: "Sent after the connection; \\r, \\n, \\t, \\0 and \\xNN stand for bytes." })),
  expect: Type.Optional(Type.Union([Line], { description: "Text that must come back within the first 64 KiB." })),
  tls: Type.Optional(Type.Union([Type.Literal("none"), Type.Literal("implicit")])),
  serverName: tlsFields.serverName,
  skipCertificateVerification: tlsFields.skipCertificateVerification,
  ...common,
});
export type TcpSpec = Static<typeof TcpSpec>;

export const DnsType = Type.Union([
  Type.Literal("A"),
  Type.Literal("AAAA"),
  Type.Literal("CNAME"),
  Type.Literal("MX"),
  Type.Literal("NS"),
  Type.Literal("PTR"),
  Type.Literal("SOA"),
  Type.Literal("SRV"),
  Type.Literal("TXT"),
]);
export type DnsType = Static<typeof DnsType>;

export const DnsSpec = Type.Object({
  kind: Type.Literal("dns"),
  name: Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: "^[^\\s/]+$",
    description: "The name to ask for; for PTR an IP address will do.",
  }),
  type: DnsType,
  server: Type.Optional(Type.Union([HostText], { description: "The server to ask; left out: the ones of the machine that asks." })),
  port: Type.Optional(Port),
  expected: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
      maxItems: 20,
      description: "Answers that must all be there, written as the result shows them: `10 mail.example.com` for MX.",
    }),
  ),
  exactly: Type.Optional(Type.Union([Type.Boolean()], { description: "No other answers besides the expected ones." })),
  ...timeout,
});
export type DnsSpec = Static<typeof DnsSpec>;

const expect = Type.Optional(Type.Union([Line], { description: "Text that must stand in what the server says of itself." }));

const banner = <K extends string>(kind: K) =>
  Type.Object({ kind: Type.Literal(kind), host: HostText, port: Type.Optional(Port), expect, ...tlsFields, ...common });

export const SmtpSpec = banner("smtp");
export const ImapSpec = banner("imap");
export const Pop3Spec = banner("pop3");
export const LdapSpec = banner("ldap");
export type BannerSpec = Static<typeof SmtpSpec> | Static<typeof ImapSpec> | Static<typeof Pop3Spec> | Static<typeof LdapSpec>;

export const SshSpec = Type.Object({ kind: Type.Literal("ssh"), host: HostText, port: Type.Optional(Port), expect, ...common });
export type SshSpec = Static<typeof SshSpec>;

export const PathProtocol = Type.Union([
  Type.Literal("auto"),
  Type.Literal("tcp"),
  Type.Literal("tls"),
  Type.Literal("http"),
  Type.Literal("https"),
  Type.Literal("smtp"),
  Type.Literal("imap"),
  Type.Literal("pop3"),
  Type.Literal("ldap"),
  Type.Literal("ssh"),
]);
export type PathProtocol = Static<typeof PathProtocol>;

/** Goes all the way, one step after the other, and tells where and how it ends. */
export const PathSpec = Type.Object({
  kind: Type.Literal("path"),
  host: HostText,
  port: Port,
  protocol: Type.Optional(PathProtocol),
  serverName: tlsFields.serverName,
  ...common,
});
export type PathSpec = Static<typeof PathSpec>;

const specs = [
  HttpSpec,
  PingSpec,
  TcpSpec,
  DnsSpec,
  SmtpSpec,
  ImapSpec,
  Pop3Spec,
  LdapSpec,
  SshSpec,
  PathSpec,
] as const satisfies readonly TSchema[];
export const ProbeSpec = Type.Union([...specs]);
export type ProbeSpec = Static<typeof ProbeSpec>;
/** Who probes: the server itself, or the agent of a host. */
export const Vantage = Type.String({
  pattern: "^(?:server|host:[A-Za-z0-9_-]{1,64})$",
  description: "`server`, or `host:<id>` for the agent of a host.",
});

/** Of several vantages: when does the thing count as failing? `any`: from one is enough; `all`; or from at least so many. */
export const FailsFrom = Type.Union([Type.Literal("any"), Type.Literal("all"), Type.Integer({ minimum: 1, maximum: 20 })]);
export type FailsFrom = Static<typeof FailsFrom>;
