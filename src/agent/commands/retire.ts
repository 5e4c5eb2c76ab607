import { rm } from "node:fs/promises";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { ApiClient, parseHost, type Outcome } from "../api.ts";
import { demandServer, loadConfig, type Flags } from "../config.ts";
import { openHttpClient } from "../http.ts";
import type { AgentIo } from "../io.ts";
import { isJsonObject } from "../json.ts";
import { StateFolder } from "../state.ts";

const attempts = 3;

/** `hinoban-agent retire`: tells the server that this host is gone for good, then forgets the id. Its graphs stay. */
export async function retire(flags: Flags, io: AgentIo): Promise<number> {
  const config = loadConfig(flags);
  const { server, key } = demandServer(config);
  const state = new StateFolder(config.stateDir);
  const id = await state.readId();
  if (id === undefined) throw new HinobanError("not-found", `This machine is not registered: there is no ${state.idPath}.`);
  const holder = state.holder();
  if (holder !== undefined) {
    throw new HinobanError(
      "conflict",
      `The agent still runs (process ${holder}). Stop it first, for example with: systemctl stop hinoban-agent`,
    );
  }
  const api = new ApiClient(await openHttpClient(server, io.clock, config.ca, { proxy: config.httpProxy }), key);
  try {
    const found = await api.findHost(id);
    const host = found.kind === "ok" ? parseHost(isJsonObject(found.value) ? found.value["host"] : undefined) : undefined;
    const question = `Retire host ${id}${host ? ` (${host.name})` : ""} at ${server.origin}? A retired host does not come back. [y/N] `;
    if (flags["force"] !== true && !(await confirm(question, io))) {
      io.err("Nothing was changed.\n");
      return 1;
    }
    const outcome = await persist(() => api.retireHost(id), io);
    if (outcome.kind !== "ok" && !(outcome.kind === "refused" && outcome.status === 404)) {
      throw new HinobanError("unavailable", `The host was not retired: ${outcome.why}. Run the command again; nothing was changed here.`);
    }
  } finally {
    api.close();
  }
  await state.removeId();
  await rm(state.spoolPath, { recursive: true, force: true });
  io.out(`Host ${id} is retired.\n`);
  return 0;
}

async function persist(call: () => Promise<Outcome>, io: AgentIo): Promise<Outcome> {
  for (let left = attempts - 1; ; left -= 1) {
    const outcome = await call();
    if (outcome.kind !== "away" || left === 0) return outcome;
    await io.clock.sleep("agent.retire", seconds(3));
  }
}

/** Reads one line; anything but a yes is a no, also the end of input. */
function confirm(question: string, io: AgentIo): Promise<boolean> {
  io.err(question);
  return new Promise((resolve) => {
    let text = "";
    const finish = (): void => {
      io.stdin.off("data", onData);
      io.stdin.off("end", finish);
      io.stdin.pause();
      resolve(/^\s*(?:y|yes)\s*$/iu.test(text.split("\n")[0] ?? ""));
    };
    const onData = (chunk: unknown): void => {
      text += String(chunk);
      if (text.includes("\n")) finish();
    };
    io.stdin.on("data", onData);
    io.stdin.on("end", finish);
    io.stdin.resume();
  });
}
