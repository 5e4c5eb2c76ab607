import { join } from "node:path";
import { millis, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import { writeDurably } from "../../durable-file.ts";
import { parseJson } from "../../json.ts";
import type { Finding } from "../findings.ts";
import type { IntegrationDeps } from "../integration.ts";
import { findFiles, mostFiles } from "./files.ts";
import { LogFollower, type Begin } from "./follow.ts";
import type { LineCounter } from "./lines.ts";
import { formatPlaces, parsePlaces, type Place } from "./place.ts";

/** A path that no pattern finds any more is let go after so many rounds. */
const roundsUntilForgotten = 3;

interface Followed {
  readonly follower: LogFollower;
  missed: number;
}

/** All logs of one section: found anew each round, continued at the place where the agent stopped. */
export class LogFollowers {
  readonly #patterns: readonly string[];
  readonly #resumeWithin: Millis;
  readonly #deps: Pick<IntegrationDeps, "clock" | "log" | "reader" | "stateFolder">;
  readonly #followed = new Map<string, Followed>();
  #saved: ReadonlyMap<string, Place> | undefined;

  /** @param resumeWithin after a longer absence the lines of meanwhile are left out: they would look like one busy minute */
  constructor(patterns: readonly string[], resumeWithin: Millis, deps: Pick<IntegrationDeps, "clock" | "log" | "reader" | "stateFolder">) {
    this.#patterns = patterns;
    this.#resumeWithin = resumeWithin;
    this.#deps = deps;
  }

  /** Logs that can be read. */
  get size(): number {
    return [...this.#followed.values()].filter(({ follower }) => follower.isOpen).length;
  }

  /** Counts what came to all logs since the last round. @returns what hinders */
  async round(counter: LineCounter, signal: AbortSignal): Promise<Finding[]> {
    const isFirst = this.#saved === undefined;
    this.#saved ??= await this.#load();
    const findings: Finding[] = [];
    const paths = await this.#find(findings);
    for (const path of paths) {
      const known = this.#followed.get(path);
      const followed = known ?? { follower: new LogFollower(path, this.#beginOf(path, isFirst)), missed: 0 };
      followed.missed = 0;
      this.#followed.set(path, followed);
    }
    for (const [path, followed] of this.#followed) {
      if (!paths.has(path)) followed.missed += 1;
      try {
        await followed.follower.round(counter, signal);
      } catch (error) {
        findings.push({ status: "CRITICAL", text: whyUnread(path, error) });
      }
      if (followed.missed < roundsUntilForgotten) continue;
      await followed.follower.close();
      this.#followed.delete(path);
    }
    await this.#save();
    return findings;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ follower }) => follower.close()));
    this.#followed.clear();
  }

  async #find(findings: Finding[]): Promise<ReadonlySet<string>> {
    const paths = new Set<string>();
    for (const pattern of this.#patterns) {
      const found = await findFiles(pattern);
      if (found.length === 0)
        findings.push({ status: "CRITICAL", text: `No file is called ${pattern}, or this user may not look into its folder.` });
      for (const path of found) paths.add(path);
    }
    if (paths.size <= mostFiles) return paths;
    findings.push({ status: "WARNING", text: `${paths.size} files match; the first ${mostFiles} are read.` });
    return new Set([...paths].slice(0, mostFiles));
  }

  #beginOf(path: string, isFirst: boolean): Begin {
    return this.#saved?.get(path) ?? (isFirst ? "end" : "start");
  }

  async #load(): Promise<ReadonlyMap<string, Place>> {
    const file = join(await this.#deps.stateFolder(), placesFile);
    const saved = parsePlaces(parseJson(await this.#deps.reader.text(file).catch(() => "")));
    if (!saved) return new Map();
    const away = millis(this.#deps.clock.now() - saved.at);
    if (away >= 0 && away <= this.#resumeWithin) return saved.files;
    this.#deps.log.info("The access logs of the time without agent are left out.", { seconds: Math.round(away / 1000) });
    return new Map();
  }

  /** A damaged or lost file costs a minute's lines, a full disk must not cost more. */
  async #save(): Promise<void> {
    const files = new Map<string, Place>();
    for (const [path, { follower }] of this.#followed) if (follower.place) files.set(path, follower.place);
    const text = formatPlaces({ at: this.#deps.clock.now(), files });
    try {
      await writeDurably(join(await this.#deps.stateFolder(), placesFile), text);
    } catch (error) {
      this.#deps.log.warn(`The places in the access logs could not be written down: ${messageOf(error)}`);
    }
  }
}

const placesFile = "places.json";

function whyUnread(path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `${path} does not exist.`;
  if (code === "EACCES") return `${path} may not be read by this user; on Debian, add the agent's user to the group adm.`;
  if (code === "EISDIR") return `${path} is no file.`;
  return `${path} cannot be read: ${messageOf(error)}`;
}
