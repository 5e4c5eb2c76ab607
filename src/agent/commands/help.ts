import { environmentOf, flagOf, settings } from "../settings.ts";
import { agentVersion } from "../version.ts";

/** The text of `--help`. */
export function helpText(): string {
  const flags = settings.map((setting) => {
    const name = "isSecret" in setting ? environmentOf(setting.key) : `--${flagOf(setting.key)}${setting.kind === "list" ? " …" : ""}`;
    return `  ${name.padEnd(22)} ${setting.help}`;
  });
  return `hinoban-agent ${agentVersion}: sends this machine's metrics to a Hinoban server.

Usage: hinoban-agent [command] [flags]

Commands:
  run         sample and send each minute (default)
  once        print the metrics of this moment and exit; --json; needs no server
  status      tell whether the agent runs and delivers; --json
  install     write configuration and systemd unit and start the service; --dry-run, --root DIR
  uninstall   stop the service and remove its files; keeps host id and configuration; --force removes these too
  retire      tell the server that this host is gone for good; asks unless --force

Settings, each also as HINOBAN_AGENT_<NAME> in the environment or as name = "value" in the configuration file:
${flags.join("\n")}

Others:
  -c, --config FILE      configuration file, default /etc/hinoban-agent.conf; "none" reads no file. Also --conf; a mackerel-agent.conf will do
  --parent               end when standard input ends (for a process that starts the agent as its child)
  --version, --help
`;
}
