import type { JsonObject } from "../json.ts";
import { parseDf } from "../collectors/macos/filesystem.ts";
import type { SystemReader } from "../system.ts";

/** CPU, memory and kernel as node:os knows them everywhere: `meta` of macOS, Windows and others. */
export function osMeta(reader: SystemReader): JsonObject {
  const { os } = reader;
  return {
    cpu: os.cpus().map((cpu, at) => ({ core_id: String(at), model_name: cpu.model, mhz: String(cpu.speed) })),
    memory: { total: `${Math.round(os.totalmem() / 1024)}kB`, free: `${Math.round(os.freemem() / 1024)}kB` },
    kernel: { name: os.type(), os: os.type(), release: os.release(), version: os.version(), machine: os.machine() },
  };
}

/** `sw_vers`: `ProductName:\t\tmacOS` and `ProductVersion:\t\t15.1`. */
export function parseSwVers(text: string): { readonly platform_name?: string; readonly platform_version?: string } {
  const name = /^ProductName:\s*(.+)$/mu.exec(text)?.[1];
  const version = /^ProductVersion:\s*(.+)$/mu.exec(text)?.[1];
  return { ...(name === undefined ? {} : { platform_name: name }), ...(version === undefined ? {} : { platform_version: version }) };
}

export async function macosMeta(reader: SystemReader): Promise<JsonObject> {
  const base = osMeta(reader);
  const product = await reader.command("/usr/bin/sw_vers", []).then(parseSwVers, () => ({}));
  const rows = await reader.command("/bin/df", ["-kPl"]).then(parseDf, () => []);
  const filesystem = Object.fromEntries(
    rows.map((row) => [
      row.device,
      {
        kb_size: Math.round((row.used + row.available) / 1024),
        kb_used: Math.round(row.used / 1024),
        kb_available: Math.round(row.available / 1024),
        mount: row.path,
        percent_used: `${Math.ceil((row.used / Math.max(row.used + row.available, 1)) * 100)}%`,
      },
    ]),
  );
  return { ...base, kernel: { ...(typeof base["kernel"] === "object" ? base["kernel"] : {}), ...product }, filesystem };
}
