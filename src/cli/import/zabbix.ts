import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { CliFailure, exitCodes } from "../text.ts";
import { Progress } from "./progress.ts";
import { report } from "./report.ts";
import { runStages } from "./run-stages.ts";
import { checkService, readDecided } from "./zabbix/groups.ts";
import { mostBytes, readZabbixExport, type ZabbixExport } from "./zabbix/read.ts";
import { zabbixStages } from "./zabbix/stages.ts";

const retries = 5;
const defaultService = "Zabbix";

/** Takes the hosts of an export file over. */
export async function importZabbix(call: Call): Promise<number> {
  const isDry = call.isOn("dry-run");
  const groups = call.text("groups");
  const decided =
    groups === undefined ? new Map<string, string | null>() : readDecided(await readNamedFile(resolve(call.world.cwd, groups), "groups"));
  const rule = { service: checkService(call.text("service") ?? defaultService), decided };
  const read = await readExport(resolve(call.world.cwd, call.operands[0] ?? ""));
  const progress = new Progress(call);
  const target = (await call.connection()).with({ retries, onWait: (why, wait) => progress.note(`${why} ${Math.round(wait / 1000)} s …`) });
  try {
    const organisation = textIn(await target.get("/api/v0/org"), "name");
    const stages = zabbixStages({ export: read, target, organisation, rule, overwrites: call.isOn("overwrite"), ids: new Map() });
    return report(call, stages, await runStages(call, stages, isDry, progress), isDry, [
      {
        en: "\nNow set ServerActive in each zabbix_agentd.conf to this server; an agent whose Hostname is a host's name becomes that host.",
        ja: "\n次に、各 zabbix_agentd.conf の ServerActive をこのサーバーに変更してください。Hostname がホスト名と同じエージェントはそのホストになります。",
      },
    ]);
  } finally {
    target.close();
  }
}

async function readExport(path: string): Promise<ZabbixExport> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0, // reading it tells why it cannot be read
  );
  if (size > mostBytes.xml) {
    const most = mostBytes.xml / 1024 / 1024;
    throw new CliFailure(
      { en: `${path} is larger than ${most} MiB.`, ja: `${path} は ${most} MiB を超えています。` },
      exitCodes.failed,
      "too-large",
    );
  }
  return readZabbixExport(await readNamedFile(path));
}
