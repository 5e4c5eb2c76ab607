import { loadSettings, type Loaded } from "./config/load.ts";

export type { Settings } from "./config/settings.ts";

/** Settings of this process: the only place where the server reads its environment. */
export const settingsOfProcess = (args: readonly string[]): Loaded => loadSettings({ args, env: process.env, cwd: process.cwd() });
