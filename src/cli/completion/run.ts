import type { Call } from "../call.ts";
import type { Command } from "../command.ts";
import { exitCodes, usageError } from "../text.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { placesOf } from "./places.ts";
import { zshScript } from "./zsh.ts";

/** Prints the script for the shell that was named. */
export async function printCompletion(call: Call, all: readonly Command[]): Promise<number> {
  const [shell = ""] = call.operands;
  const places = placesOf(all);
  const scripts = new Map([
    ["bash", () => bashScript(places)],
    ["zsh", () => zshScript(places, call.language)],
    ["fish", () => fishScript(places, call.language)],
  ]);
  const script = scripts.get(shell);
  if (!script)
    throw usageError(
      `There is a script for bash, zsh and fish, not for "${shell}".`,
      `補完スクリプトは bash、zsh、fish 用です（"${shell}" 用はありません）。`,
    );
  call.world.stdout.write(script());
  return exitCodes.done;
}
