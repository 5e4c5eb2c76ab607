/** `meta` comes from agents of many makes: every field may be absent or of another type. Only texts and numbers are taken out. */
type Loose = Readonly<Record<string, unknown>>;

export interface FileSystemFacts {
  readonly device: string;
  readonly mount: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly usedBytes: number | undefined;
}

export interface HostFacts {
  readonly os: string | undefined;
  readonly kernel: string | undefined;
  /** Model and how many of it. */
  readonly processors: readonly { readonly model: string; readonly count: number }[];
  readonly memoryBytes: number | undefined;
  readonly agent: string | undefined;
  readonly cloud: string | undefined;
  readonly fileSystems: readonly FileSystemFacts[];
}

const isLoose = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const part = (meta: Loose, name: string): Loose => (isLoose(meta[name]) ? meta[name] : {});
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
const joined = (...parts: readonly (string | undefined)[]): string | undefined => {
  const present = parts.filter((one) => one !== undefined);
  return present.length > 0 ? present.join(" ") : undefined;
};

/** "24684096kB" is in units of 1,024 bytes, as /proc/meminfo means it. */
function kibibytes(value: unknown): number | undefined {
  const amount = Number.parseInt(text(value) ?? "", 10);
  return Number.isFinite(amount) ? amount * 1024 : undefined;
}

function processorsOf(cpu: unknown): HostFacts["processors"] {
  const counts = new Map<string, number>();
  for (const one of Array.isArray(cpu) ? cpu : []) {
    const model = isLoose(one) ? (text(one["model_name"]) ?? text(one["vendor_id"])) : undefined;
    if (model !== undefined) counts.set(model, (counts.get(model) ?? 0) + 1);
  }
  return [...counts].map(([model, count]) => ({ model, count }));
}

const fileSystemsOf = (meta: Loose): readonly FileSystemFacts[] =>
  Object.entries(part(meta, "filesystem")).map(([device, facts]) => {
    const known: Loose = isLoose(facts) ? facts : {};
    return { device, mount: text(known["mount"]), sizeBytes: kibibytes(known["kb_size"]), usedBytes: kibibytes(known["kb_used"]) };
  });

/** What an agent said about its machine, as far as it is understood. */
export function hostFacts(meta: Loose): HostFacts {
  const kernel = part(meta, "kernel");
  return {
    os: joined(text(kernel["platform_name"]), text(kernel["platform_version"])) ?? text(kernel["os"]),
    kernel: joined(text(kernel["name"]), text(kernel["release"]), text(kernel["machine"])),
    processors: processorsOf(meta["cpu"]),
    memoryBytes: kibibytes(part(meta, "memory")["total"]),
    agent: text(meta["agent-name"]) ?? text(meta["agent-version"]),
    cloud: text(part(meta, "cloud")["provider"]),
    fileSystems: fileSystemsOf(meta),
  };
}
