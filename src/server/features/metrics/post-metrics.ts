import { demand } from "#features/identity";
import type { Actor } from "#http";
import type { Metrics } from "./metrics.ts";
import type { ScannedPost } from "./scan-post.ts";
import { nothingUsable, type RejectedItem } from "./v0-input.ts";

/**
 * Stores the points of an agent's post and resolves when they are durable: at a 200 the agent forgets them, at anything else it keeps them
 * and sends them again, up to sixty times. So a wrong point is left out and named, points of hosts that are unknown here or retired and
 * points more than a day away are left out and counted, and the rest is taken. No object is made for a point on the way.
 * @throws "forbidden"; "bad-request" for what is not JSON; "invalid-input" when every point is wrong; "too-large";
 *   "unavailable" | "storage-full" and then nothing was stored
 */
export async function postMetrics(metrics: Metrics, actor: Actor, body: Buffer): Promise<readonly RejectedItem[]> {
  const { organisationId } = actor;
  demand(actor, "metrics.post", `organisation:${organisationId}`, metrics.clock.now());
  const { scanned, unknown } = await scanForHosts(metrics, organisationId, body);
  const { columns, sources, skipped, problems } = scanned;
  metrics.countDropped(organisationId, "malformed", problems.length, problems[0]?.problem);
  metrics.countDropped(organisationId, "unknown-host", skipped, unknown[0]);
  if (problems.length > 0 && columns.count === 0 && skipped === 0) throw nothingUsable(problems);
  const report = await metrics.store.append(columns);
  metrics.tellAppended(organisationId, columns, sources);
  metrics.countPost();
  metrics.countDropped(organisationId, "too-old", report.tooOld);
  metrics.countDropped(organisationId, "too-new", report.tooNew);
  metrics.inventory.lastSeen.touch(organisationId, sources);
  return problems;
}

interface HostScan {
  readonly scanned: ScannedPost;
  /** Hosts that are unknown, retired or somebody else's. */
  readonly unknown: readonly string[];
}

/** Reads the body with the hosts that are known, and once more when some that were not turn out to have been registered a moment ago. */
async function scanForHosts({ scanner, inventory }: Metrics, organisationId: string, body: Buffer): Promise<HostScan> {
  const first = await scan();
  if (first.unknown.length === 0 || !(await inventory.directory.find(organisationId, first.unknown))) return first;
  return scan();

  async function scan(): Promise<HostScan> {
    const hosts = await inventory.directory.hostsOf(organisationId);
    const unknown: string[] = [];
    const scanned = scanner.scan(body, (hostId) => {
      if (hosts.has(hostId)) return hostId;
      unknown.push(hostId);
      return undefined;
    });
    return { scanned, unknown };
  }
}
