import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock";
import { decodeMuLaw, encodeMuLaw } from "#base/sound/mu-law";

/** So many bytes of the disk: some two hours of speech. */
const usualCap = 64 * 1024 * 1024;
/** Of what was said last, this many clips stay in memory. */
const mostInMemory = 64;

const ending = ".ulaw";
const unfinished = ".next";

/**
 * What was spoken, kept on disk by hash, in µ-law: it goes to telephones anyway. The least recently used goes first when there is too much.
 * Nothing here is needed: whatever fails is spoken again.
 */
export class SoundCache {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #cap: number;
  /** Sizes by name, least recently used first. Undefined until the folder was looked through. */
  #kept: Promise<Map<string, number>> | undefined;
  #bytes = 0;
  readonly #memory = new Map<string, Int16Array>();

  constructor(folder: string, clock: Clock, cap = usualCap) {
    this.#folder = folder;
    this.#clock = clock;
    this.#cap = cap;
  }

  async get(name: string): Promise<Int16Array | undefined> {
    const known = this.#memory.get(name);
    if (known) {
      this.#remember(name, known);
      return known;
    }
    const kept = await this.#index();
    const size = kept.get(name);
    if (size === undefined) return undefined;
    const bytes = await readFile(this.#file(name)).catch(() => undefined);
    if (bytes?.length !== size || size === 0) {
      this.#forget(kept, name);
      return undefined;
    }
    kept.delete(name);
    kept.set(name, size);
    const now = this.#clock.now() / 1000;
    await utimes(this.#file(name), now, now).catch(() => {});
    const samples = decodeMuLaw(bytes);
    this.#remember(name, samples);
    return samples;
  }

  async put(name: string, samples: Int16Array): Promise<void> {
    this.#remember(name, samples);
    const kept = await this.#index();
    const file = this.#file(name);
    try {
      await writeFile(`${file}${unfinished}`, encodeMuLaw(samples), { mode: 0o600 });
      await rename(`${file}${unfinished}`, file);
    } catch {
      await rm(`${file}${unfinished}`, { force: true }).catch(() => {});
      return;
    }
    this.#forget(kept, name);
    kept.set(name, samples.length);
    this.#bytes += samples.length;
    for (const oldest of kept.keys()) {
      if (this.#bytes <= this.#cap) break;
      this.#forget(kept, oldest);
      await rm(this.#file(oldest), { force: true }).catch(() => {});
    }
  }

  /** Where a file may lie for a moment; what a crash leaves there goes at the next start. */
  async scratch(name: string): Promise<string> {
    await this.#index();
    return join(this.#folder, `${name}${unfinished}`);
  }

  #file(name: string): string {
    return join(this.#folder, `${name}${ending}`);
  }

  #remember(name: string, samples: Int16Array): void {
    this.#memory.delete(name);
    this.#memory.set(name, samples);
    const oldest = this.#memory.size > mostInMemory ? this.#memory.keys().next().value : undefined;
    if (oldest !== undefined) this.#memory.delete(oldest);
  }

  #forget(kept: Map<string, number>, name: string): void {
    this.#bytes -= kept.get(name) ?? 0;
    kept.delete(name);
  }

  #index(): Promise<Map<string, number>> {
    this.#kept ??= this.#look();
    return this.#kept;
  }

  async #look(): Promise<Map<string, number>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch(() => {});
    const all = await readdir(this.#folder).catch((): string[] => []);
    for (const left of all.filter((name) => name.endsWith(unfinished))) await rm(join(this.#folder, left), { force: true }).catch(() => {});
    const names = all.filter((name) => name.endsWith(ending));
    const found = await Promise.all(
      names.map(async (name) => ({ name: name.slice(0, -ending.length), of: await stat(join(this.#folder, name)).catch(() => undefined) })),
    );
    const kept = new Map<string, number>();
    for (const { name, of } of found.toSorted((a, b) => (a.of?.mtimeMs ?? 0) - (b.of?.mtimeMs ?? 0))) {
      if (!of) continue;
      kept.set(name, of.size);
      this.#bytes += of.size;
    }
    return kept;
  }
}
