import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type Daemon } from "../daemons.ts";
import { openFolder } from "../folder.ts";
import { freeUdpPorts } from "./ports.ts";

export const trunkRealm = "trunk.test";
export const trunkPassword = "himitsu";

export interface KamailioOptions {
  /** Numbers that are not registered: where they are, such as `{ "0902222": "127.0.0.1:15090" }`. */
  readonly numbers?: Readonly<Record<string, string>>;
  /** Listens for TLS too. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Digest of the challenges; default MD5. */
  readonly algorithm?: "MD5" | "SHA-256";
  /** Asks for no password. */
  readonly isOpen?: boolean;
}

/** A registrar and record-routing proxy: anybody with {@link trunkPassword} in the realm {@link trunkRealm} may register and call. */
export interface Kamailio {
  /** UDP and TCP on 127.0.0.1. */
  readonly port: number;
  /** TLS, where it was asked for. */
  readonly tlsPort: number;
  output(): string;
  stop(): Promise<void>;
}

const modules = ["tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "xlog", "usrloc", "registrar", "auth"];

function moduleFolder(): string {
  const found = readdirSync("/usr/lib").find((name) => name.endsWith("-linux-gnu") && readdirSync(`/usr/lib/${name}`).includes("kamailio"));
  return `/usr/lib/${found ?? "x86_64-linux-gnu"}/kamailio/modules/`;
}

function tlsLines(tls: NonNullable<KamailioOptions["tls"]>, folder: string, port: number): string[] {
  const file = join(folder, "tls.cfg");
  const lines = ["[server:default]", "method = TLSv1.2+", `private_key = ${tls.keyFile}`, `certificate = ${tls.certFile}`];
  writeFileSync(file, `${[...lines, "[client:default]", "method = TLSv1.2+"].join("\n")}\n`);
  return [`enable_tls=yes`, `listen=tls:127.0.0.1:${port}`, `loadmodule "tls.so"`, `modparam("tls", "config", "${file}")`];
}

const checked = (isOpen: boolean | undefined, check: string): string => (isOpen === true ? "" : check);

function requestRoute({ numbers = {}, isOpen }: KamailioOptions): string {
  const fixed = Object.entries(numbers).map(
    ([number, address]) => `    if ($rU == "${number}") { $du = "sip:${address}"; t_relay(); exit; }`,
  );
  return `
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483","Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }
    sl_send_reply("404","Not here"); exit;
  }
  if (is_method("OPTIONS")) { sl_send_reply("200","OK"); exit; }
  if (is_method("REGISTER")) {
    ${checked(isOpen, `if (!pv_www_authenticate("${trunkRealm}","${trunkPassword}","0")) { www_challenge("${trunkRealm}","1"); exit; }`)}
    save("location"); exit;
  }
  if (is_method("INVITE")) {
    ${checked(isOpen, `if (!pv_proxy_authenticate("${trunkRealm}","${trunkPassword}","0")) { proxy_challenge("${trunkRealm}","1"); exit; }`)}
    ${checked(isOpen, "consume_credentials();")}
    record_route();
${fixed.join("\n")}
    if (!lookup("location")) { sl_send_reply("404","Not Found"); exit; }
    t_relay(); exit;
  }
  sl_send_reply("405","Method Not Allowed");
}
`;
}

/** Starts Kamailio in the foreground; it ends with the test file when that calls `withDaemons`. */
export async function startKamailio(options: KamailioOptions = {}): Promise<Kamailio> {
  const folder = openFolder("hinoban-kamailio-");
  const port = await freeUdpPorts(2);
  const file = join(folder, "kamailio.cfg");
  const lines = [
    "#!KAMAILIO",
    "debug=1",
    "log_stderror=yes",
    "children=1",
    "tcp_children=1",
    "auto_aliases=no",
    `alias="${trunkRealm}"`,
    `listen=udp:127.0.0.1:${port}`,
    `listen=tcp:127.0.0.1:${port}`,
    `mpath="${moduleFolder()}"`,
    ...(options.tls ? tlsLines(options.tls, folder, port + 1) : []),
    ...modules.map((name) => `loadmodule "${name}.so"`),
    'modparam("auth", "qop", "auth")',
    ...(options.algorithm === "SHA-256" ? ['modparam("auth", "algorithm", "SHA-256")'] : []),
  ];
  writeFileSync(file, `${lines.join("\n")}\n${requestRoute(options)}`);
  const daemon: Daemon = await startDaemon("/usr/sbin/kamailio", ["-f", file, "-DD", "-E", "-m", "32", "-M", "4", "-Y", folder], { port });
  return { port, tlsPort: port + 1, output: () => daemon.output(), stop: () => daemon.stop() };
}
