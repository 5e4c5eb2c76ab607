import { asObject, v0, type Api } from "../api.ts";
import { askLine, isYes } from "../ask.ts";
import type { Call } from "../call.ts";
import { exitCodes, usageError } from "../text.ts";

/** Asks first, since it cannot be taken back; without a terminal to ask on, --force must say that it is meant. */
export async function retireHosts(call: Call): Promise<number> {
  const ids = call.operands.length > 0 ? call.operands : [await call.hostId()];
  const api = await call.api();
  if (!call.isOn("force") && !(await isMeant(call, api, ids))) {
    call.log("info", call.say({ en: "nothing was retired", ja: "退役させませんでした" }));
    return exitCodes.failed;
  }
  for (const id of ids) {
    await api.call("POST", v0`hosts/${id}/retire`, {});
    call.log("retired", id);
  }
  return exitCodes.done;
}

async function isMeant(call: Call, api: Api, ids: readonly string[]): Promise<boolean> {
  const { world } = call;
  if (!world.stdin.isTTY)
    throw usageError(
      "`retire` asks before it acts, and nobody can answer here: give --force.",
      "`retire` は実行前に確認しますが、ここでは答えられません。--force を付けてください。",
    );
  const names: string[] = [];
  for (const id of ids) names.push(String(asObject(asObject(await api.get(v0`hosts/${id}`))["host"])["name"]));
  const list = ids.map((id, index) => `  ${id}  ${names[index] ?? ""}\n`).join("");
  return isYes(
    await askLine(
      world,
      call.say({
        en: `These hosts are retired for good:\n${list}Are you sure? [y/N] `,
        ja: `次のホストを退役させます（元に戻せません）:\n${list}よろしいですか？ [y/N] `,
      }),
    ),
  );
}
