import { HinobanError } from "#base/errors";
import { resetPassword } from "#features/identity";
import type { Deps } from "#store";
import type { Settings } from "./config.ts";
import { askServer, type ControlAction } from "./control.ts";

/** Inside the running server: the new password is told to the one who asked over the control socket, and to nobody else. */
export const resetPasswordAction =
  (deps: Deps): ControlAction =>
  async (input, progress) => {
    const email = typeof input === "object" && input !== null && "email" in input ? String(input.email) : "";
    progress((await resetPassword(deps, email)).reveal());
  };

/** `hinoban reset-password EMAIL`. */
export async function runResetPassword(
  settings: Settings,
  rest: readonly string[],
  io: { readonly out: { write(text: string): unknown } },
): Promise<void> {
  const [email] = rest;
  if (email === undefined || rest.length > 1)
    throw new HinobanError("invalid-input", "Usage: hinoban reset-password EMAIL [--data-dir DIR]");
  const say = (password: string): void =>
    void io.out.write(`New password of ${email}: ${password}\nAll of their sessions have ended. Change it after signing in.\n`);
  if (await askServer(settings.dataDir, "reset-password", { email }, say)) return;
  throw new HinobanError("unavailable", "The server is not running on this data directory. Start it first.");
}
