import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import type { IntegrationDeps } from "../integration.ts";
import type { Options } from "../options.ts";
import { environmentVariable } from "./config.ts";

/** Finds the password anew each time it is needed, so that a changed file counts at once. */
export type FindPassword = () => Promise<Secret | undefined>;

/**
 * `password_file`, `password_env` (name of a variable) or `password`; at most one of them. Nothing of its text reaches a log or an error.
 * The returned function throws HinobanError "not-found" when the file or variable is missing.
 */
export function readPassword(options: Options, { reader }: Pick<IntegrationDeps, "reader">): FindPassword {
  const file = options.optionalText("password_file");
  const variable = options.optionalText("password_env");
  const direct = options.secret("password");
  if ([file, variable, direct].filter((way) => way !== undefined).length > 1)
    options.problem("password", "stands beside password_file or password_env; keep one of the three");
  if (file !== undefined) {
    return async () => {
      const text = await reader.text(file).catch((cause: unknown) => {
        throw new HinobanError("not-found", `The password file ${file} cannot be read by this user.`, { file }, { cause });
      });
      return new Secret(text.replace(/\r?\n$/u, ""));
    };
  }
  if (variable === undefined) return () => Promise.resolve(direct);
  return () => {
    const value = environmentVariable(variable);
    const missing = new HinobanError("not-found", `The environment variable ${variable} with the password is not set.`, { variable });
    return value === undefined ? Promise.reject(missing) : Promise.resolve(new Secret(value));
  };
}
