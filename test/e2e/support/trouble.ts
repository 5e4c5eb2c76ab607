import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { org } from "./seed.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What a night brings: ids of incidents by what they are. */
export interface Trouble {
  /** Found by a rule about a host's metric; nobody has it. */
  readonly open: string;
  /** Opened by hand; somebody has it. */
  readonly taken: string;
  readonly resolved: string;
  readonly alert: string;
}

interface Found {
  readonly id: string;
  readonly incident?: { readonly id: string };
}

/** The incident that nobody has. */
export const troubleTitle = "Load of the front: web-01.example.jp";

/** Makes a host's load cross a threshold, and has people open, take and end incidents. `key` posts as an agent does. */
export async function makeTrouble(owner: ApiClient, key: ApiClient, host: Named): Promise<Trouble> {
  const at = `/api/v1/orgs/${org}`;
  await key.get("POST", "/api/v0/monitors", {
    type: "host",
    name: "Load of the front",
    metric: "loadavg5",
    operator: ">",
    warning: 4,
    critical: 6,
    duration: 1,
    scopes: [],
  });
  const now = Math.floor(Date.now() / 60_000) * 60;
  let found: Found | undefined;
  // What was judged before the rule was there is not judged again.
  let minute = -2;
  await until("the rule has found it", 30_000, async () => {
    minute += 1;
    await key.get("POST", "/api/v0/tsdb", [{ hostId: host.id, name: "loadavg5", time: now + minute * 60, value: 7.25 }]);
    ({
      alerts: [found],
    } = await owner.get<{ alerts: readonly Found[] }>("GET", `${at}/alerts?text=front`));
    return found?.incident !== undefined;
  });
  const open = found?.incident?.id ?? "";
  // What else was found on that host may have come first.
  await owner.get("PATCH", `${at}/incidents/${open}`, { title: troubleTitle });
  const byHand = async (title: string, severity: string): Promise<string> =>
    (await owner.get<{ id: string }>("POST", `${at}/incidents`, { title, severity, description: "Reported by telephone." })).id;
  const taken = await byHand("VPN of the campus drops every few minutes", "error");
  await owner.get("POST", `${at}/incidents/${taken}/take`, {});
  await owner.get("POST", `${at}/incidents/${taken}/comments`, { text: "The provider changes a line card.\nBack at about four." });
  const resolved = await byHand("予備電源に切り替わりました", "warning");
  await owner.get("POST", `${at}/incidents/${resolved}/take`, {});
  await owner.get("POST", `${at}/incidents/${resolved}/resolve`, { note: "点検でした。" });
  return { open, taken, resolved, alert: found?.id ?? "" };
}
