import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "#base/ids";

/** The name of this server in the ledger, `server:<id>`: made once and kept in the data directory, so that its chain goes on after a restart. */
export async function deviceOf(dataDir: string): Promise<string> {
  const path = join(dataDir, "device");
  const known = await readFile(path, "utf8").catch(() => undefined);
  if (known !== undefined) return known.trim();
  const device = `server:${newId()}`;
  await writeFile(`${path}.next`, `${device}\n`, { mode: 0o600 });
  await rename(`${path}.next`, path);
  return device;
}
