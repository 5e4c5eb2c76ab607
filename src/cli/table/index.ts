import type { Command } from "../command.ts";
import { channelCommands } from "./channels.ts";
import { downtimeCommands } from "./downtimes.ts";
import { dutyCommands } from "./duty.ts";
import { hostCommands } from "./hosts.ts";
import { importCommands } from "./import.ts";
import { incidentCommands } from "./incidents.ts";
import { localCommands } from "./local.ts";
import { metricCommands } from "./metrics.ts";
import { monitorCommands } from "./monitors.ts";
import { organisationCommands } from "./organisation.ts";
import { policyCommands } from "./policies.ts";
import { probeCommands } from "./probes.ts";
import { reportCommands } from "./reports.ts";
import { routingCommands } from "./routing.ts";
import { sourceCommands } from "./sources.ts";
import { speechCommands } from "./speech.ts";
import { telephoneCommands } from "./telephone.ts";
import { toolCommands } from "./tools.ts";

/** Every command, in the order of the help page. Help, parsing, completion and the guide's reference follow this list. */
export const commands: readonly Command[] = [
  ...localCommands.filter((command) => command.name !== "version" && command.name !== "help"),
  ...incidentCommands,
  ...dutyCommands,
  ...hostCommands,
  ...metricCommands,
  ...monitorCommands,
  ...downtimeCommands,
  ...organisationCommands,
  ...channelCommands,
  ...routingCommands,
  ...policyCommands,
  ...telephoneCommands,
  ...speechCommands,
  ...probeCommands,
  ...reportCommands,
  ...sourceCommands,
  ...toolCommands,
  ...importCommands,
  ...localCommands.filter((command) => command.name === "version" || command.name === "help"),
];
