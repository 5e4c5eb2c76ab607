import { useMessages } from "#kit/messages";
import { messages } from "./messages.ts";

interface Titled {
  readonly name: string;
  readonly kind: "system" | "custom" | "service";
  readonly title: string;
}

/** System graphs in the reader's language, with what the server's title says besides (a device); the others as they are titled. */
export function useGraphTitle(): (graph: Titled) => string {
  const m = useMessages(messages);
  const known = new Map<string, string>([
    ["loadavg", m.loadavg],
    ["cpu", m.cpu],
    ["memory", m.memory],
    ["swap", m.swap],
    ["disk", m.disk],
    ["interface", m.interface],
    ["filesystem", m.filesystem],
    ["processes", m.processes],
    ["uptime", m.uptime],
  ]);
  return ({ name, kind, title }) => {
    if (kind !== "system") return title;
    const [head = "", ...rest] = name.split(".");
    if (head === "filesystem" && rest.length > 0) return m.filesystemOf({ device: rest.join(".") });
    return rest.length === 0 ? (known.get(head) ?? title) : title;
  };
}
