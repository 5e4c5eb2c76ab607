import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";

const keyBytes = 32;

/**
 * The key that seals secrets and keys digests: 32 random bytes as hex in a file of mode 0600, made when there is none.
 * @throws HinobanError "storage-damaged" when the file holds something else.
 */
export async function loadServerKey(path: string): Promise<Secret> {
  const existing = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new HinobanError("unavailable", `The key file ${path} cannot be read: ${error.message}`, { path }, { cause: error });
  });
  if (existing === undefined) return makeKey(path);
  const text = existing.trim();
  if (!/^[0-9a-f]{64}$/u.test(text))
    throw new HinobanError("storage-damaged", `The key file ${path} must hold 64 hexadecimal digits. Restore it from where you keep it.`, {
      path,
    });
  return new Secret(text);
}

async function makeKey(path: string): Promise<Secret> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const text = randomBytes(keyBytes).toString("hex");
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return new Secret(text);
}
