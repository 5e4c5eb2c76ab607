import { segment } from "../../collectors/collector.ts";
import type { IntegrationConfig } from "../integration.ts";
import type { Options } from "../options.ts";

/** How the metrics of one section are called. */
export interface Naming {
  /** What stands between `custom.` and the graph's name. */
  readonly prefix: string;
  /** Begins the titles of its graphs. */
  readonly label: string;
}

/**
 * Names like those of Mackerel's plugin: `[integrations.nginx]` gives `custom.nginx.…`, `[integrations.nginx.front]` gives `custom.nginx.front.…`.
 * The option `prefix` stands for the plugins' `-metric-key-prefix`, so that graphs made by such a plugin go on.
 * @param plugin the plugin's own prefix
 */
export function readNaming(options: Options, { kind, name }: IntegrationConfig, plugin: string, label: string): Naming {
  const instance = name.slice(kind.length + 1);
  const otherwise = instance === "" ? plugin : `${plugin}.${instance.split(".").map(segment).join(".")}`;
  const prefix = options.text("prefix", otherwise);
  if (!/^[\w-]+(?:\.[\w-]+)*$/u.test(prefix)) options.problem("prefix", "must be letters, digits, - and _, in parts divided by dots");
  return { prefix, label: instance === "" ? label : `${label} ${instance}` };
}
