import { readFile } from "node:fs/promises";
import { messageOf } from "#base/errors";
import { CliFailure, exitCodes } from "./text.ts";

/** The text of a file that somebody named. @param flag is told with the failure. @throws CliFailure when it cannot be read */
export async function readNamedFile(path: string, flag?: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const where = flag === undefined ? "" : `--${flag}: `;
    throw new CliFailure(
      { en: `${where}${path} cannot be read: ${messageOf(cause)}.`, ja: `${where}${path} を読めません: ${messageOf(cause)}` },
      exitCodes.usage,
      "invalid-input",
      { cause },
    );
  }
}
