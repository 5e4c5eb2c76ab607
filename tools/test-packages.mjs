import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { provideJapaneseVoice } from "./japanese-voice.mjs";

const onPath = (/** @type {string} */ program) =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(`${folder}/${program}`));

/**
 * The folder with the programs of the system's own PostgreSQL: the oldest of version 15 or later.
 * @returns {string | undefined}
 */
export function systemPostgres() {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").map(Number) : [];
  return versions
    .filter((version) => version >= 15)
    .toSorted((a, b) => a - b)
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(`${folder}/initdb`));
}

const hasJapaneseFont = () =>
  existsSync("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc") ||
  /\S/.test(spawnSync("fc-list", [":lang=ja"], { encoding: "utf8" }).stdout ?? "");

// Servers lie in a folder that is not on everybody's path.
const isServer = (/** @type {string} */ program) => existsSync(`/usr/sbin/${program}`) || onPath(program);

const hasKamailioTls = () =>
  existsSync("/usr/lib") && readdirSync("/usr/lib").some((folder) => existsSync(`/usr/lib/${folder}/kamailio/modules/tls.so`));

/**
 * What the tests need beside npm's packages, by the names of Debian.
 * @type {readonly { name: string; why: string; isPresent: () => boolean }[]}
 */
export const testPackages = [
  { name: "chromium", why: "drives the console", isPresent: () => ["chromium", "chromium-browser", "google-chrome"].some(onPath) },
  { name: "fonts-noto-cjk", why: "shows Japanese", isPresent: hasJapaneseFont },
  { name: "postgresql", why: "stands for an external database", isPresent: () => systemPostgres() !== undefined },
  {
    name: "monitoring-plugins-basic",
    why: "is what people's checks are made of",
    isPresent: () => existsSync("/usr/lib/nagios/plugins/check_log"),
  },
  { name: "nginx-light", why: "is watched by the agent", isPresent: () => isServer("nginx") },
  { name: "apache2", why: "is watched by the agent", isPresent: () => isServer("apache2") },
  { name: "mariadb-server", why: "is watched by the agent", isPresent: () => isServer("mariadbd") },
  { name: "redis-server", why: "is watched by the agent", isPresent: () => onPath("redis-server") },
  { name: "postfix", why: "takes mail, and refuses it in every way", isPresent: () => isServer("smtp-sink") },
  { name: "poppler-utils", why: "reads the PDFs of reports", isPresent: () => onPath("pdftotext") },
  { name: "openssl", why: "makes certificates for TLS", isPresent: () => onPath("openssl") },
  { name: "smartmontools", why: "asks disks how they are", isPresent: () => onPath("smartctl") || existsSync("/usr/sbin/smartctl") },
  { name: "jq", why: "filters what the command line prints", isPresent: () => onPath("jq") },
  { name: "prometheus", why: "writes to the server as customers' do", isPresent: () => onPath("prometheus") },
  { name: "prometheus-node-exporter", why: "exposes a machine's metrics", isPresent: () => onPath("prometheus-node-exporter") },
  {
    name: "prometheus-alertmanager",
    why: "sends alerts to the server as customers' do",
    isPresent: () => onPath("prometheus-alertmanager"),
  },
  {
    name: "zabbix-agent",
    why: "reports to the server as customers' do",
    isPresent: () => isServer("zabbix_agentd") && onPath("zabbix_sender"),
  },
  { name: "zabbix-agent2", why: "reports to the server as customers' do", isPresent: () => isServer("zabbix_agent2") },
  { name: "iputils-ping", why: "asks machines whether they are there", isPresent: () => onPath("ping") },
  { name: "openssh-server", why: "is probed", isPresent: () => isServer("sshd") },
  { name: "dovecot-imapd", why: "is probed, and holds a mailbox of alerts", isPresent: () => existsSync("/usr/lib/dovecot/imap-login") },
  { name: "dovecot-pop3d", why: "is probed", isPresent: () => existsSync("/usr/lib/dovecot/pop3-login") },
  { name: "slapd", why: "is probed", isPresent: () => isServer("slapd") },
  { name: "dnsmasq-base", why: "answers for names that are probed", isPresent: () => isServer("dnsmasq") },
  { name: "kamailio", why: "stands for a telephone trunk", isPresent: () => isServer("kamailio") },
  { name: "kamailio-tls-modules", why: "stands for a telephone trunk over TLS", isPresent: () => hasKamailioTls() },
  { name: "baresip-core", why: "is called, and presses keys", isPresent: () => onPath("baresip") },
  { name: "sip-tester", why: "is called, and does what real phones rarely do", isPresent: () => onPath("sipp") },
  { name: "open-jtalk", why: "speaks Japanese", isPresent: () => onPath("open_jtalk") },
  {
    name: "open-jtalk-mecab-naist-jdic",
    why: "tells how Japanese is read",
    isPresent: () => existsSync("/var/lib/mecab/dic/open-jtalk/naist-jdic/sys.dic"),
  },
  { name: "espeak-ng", why: "speaks English", isPresent: () => onPath("espeak-ng") },
];

const apt = (/** @type {string[]} */ ...words) =>
  // In runlevel 1 Debian's packages install their daemons without starting them: the tests start their own, on ports of their own.
  spawnSync("apt-get", words, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } }).status === 0;

/**
 * Installs what is missing when we are root on Debian.
 * @returns {string} empty when all is there, otherwise what a person has to do
 */
export function provideTestPackages() {
  const missing = testPackages.filter(({ isPresent }) => !isPresent());
  if (missing.length === 0) return provideJapaneseVoice();
  const names = missing.map(({ name }) => name);
  const canInstall = process.getuid?.() === 0 && onPath("apt-get");
  if (canInstall) {
    console.log(`Installing Debian packages for the tests: ${names.join(", ")}`);
    const install = ["install", "-y", "--no-install-recommends", ...names];
    if (apt(...install) || (apt("update") && apt(...install))) return provideJapaneseVoice();
  }
  const list = missing.map(({ name, why }) => `  ${name}: ${why}`).join("\n");
  return `The tests need these Debian packages:\n${list}\nInstall them as root: apt-get install --no-install-recommends ${names.join(" ")}`;
}
