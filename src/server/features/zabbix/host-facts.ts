import type { HostInterface } from "#wire/inventory";
import type { Knowledge } from "./knowledge.ts";
import { readOsRelease } from "./procfs.ts";

/** Which program reports, as the host's page names it. */
export function agentName(agent: string, version: string | undefined): string {
  const name = agent === "agent2" ? "Zabbix agent 2" : "Zabbix agent";
  return version === undefined ? name : `${name} ${version}`;
}

const known = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""));

/**
 * The host's meta in the shape that Mackerel's agents write, from what a Zabbix agent told: kernel, processors, memory.
 * `system.uname` is `Linux web-1 6.1.0 #1 SMP … x86_64`, on Windows `Windows WEB-1 10.0.17763 Microsoft Windows Server 2019 Standard x64`.
 */
export function metaOf(knowledge: Knowledge, name: string, version: string | undefined): Record<string, unknown> {
  const { facts, cores, mounts } = knowledge;
  const kernel = kernelOf(facts);
  const filesystem = Object.fromEntries(Object.entries(mounts).map(([mount, device]) => [device, { mount }]));
  return {
    "agent-name": name,
    ...known({ "agent-version": version }),
    ...present("kernel", kernel),
    ...cpuOf(facts["system.hw.cpu[all,model]"], cores),
    ...memoryOf(facts["vm.memory.size[total]"]),
    ...present("filesystem", filesystem),
    zabbix: known({ hostname: facts["system.hostname"], boottime: facts["system.boottime"] }),
  };
}

const present = (name: string, part: object): Record<string, object> => (Object.keys(part).length === 0 ? {} : { [name]: part });

function memoryOf(total = ""): Record<string, object> {
  const bytes = Number(total);
  return bytes > 0 ? { memory: { total: `${Math.round(bytes / 1024)}kB` } } : {};
}

function kernelOf(facts: Knowledge["facts"]): Record<string, string> {
  const [name = "", , release = "", ...rest] = (facts["system.uname"] ?? "").split(/\s+/u);
  const words = rest.slice(0, -1).join(" ");
  const isWindows = name === "Windows";
  const distribution = readOsRelease(facts["vfs.file.contents[/etc/os-release]"] ?? "");
  return known({
    name,
    os: isWindows ? words : name === "Linux" ? "GNU/Linux" : name,
    release,
    version: isWindows ? "" : words,
    machine: rest.at(-1),
    platform_name: distribution.name,
    platform_version: distribution.version,
  });
}

/** `processor 0: AMD EPYC`, a line for each. */
function cpuOf(models: string | undefined, cores: number | undefined): { readonly cpu?: readonly { readonly model_name: string }[] } {
  const names = (models ?? "").split("\n").flatMap((line) => /^processor \d+:\s*(.+)$/u.exec(line.trim())?.[1] ?? []);
  const [first] = names;
  if (first === undefined) return {};
  // agents cut long texts: the number of cores is known better
  const count = Math.min(cores ?? names.length, 4096);
  return { cpu: Array.from({ length: count }, (_, index) => ({ model_name: names[index] ?? first })) };
}

/** The address that an agent reports from; none for one on this very machine. */
export function interfacesOf(address: string): readonly HostInterface[] {
  const plain = address.replace(/^::ffff:(?=\d+\.)/iu, "").replace(/%.*$/u, "");
  if (plain === "" || plain === "::1" || plain.startsWith("127.")) return [];
  const isV6 = plain.includes(":");
  return [{ name: "zabbix", ipv4Addresses: isV6 ? [] : [plain], ipv6Addresses: isV6 ? [plain] : [] }];
}
