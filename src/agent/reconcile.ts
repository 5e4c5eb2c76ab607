/** Something that runs because a section of the configuration asks for it. */
export interface Running<T> {
  readonly signature: string;
  readonly item: T;
}

/** A section that wants something to run. */
export interface Wanted<C> {
  readonly name: string;
  readonly signature: string;
  readonly config: C;
}

/** What a new configuration changed, by name. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Makes what runs be what is wanted: starts what is new, stops what is gone, does both for what changed, and leaves the rest alone.
 * @param prefix goes before the names in the answer
 */
export function reconcile<C, T>(
  prefix: string,
  running: Map<string, Running<T>>,
  wanted: readonly Wanted<C>[],
  start: (config: C) => T,
  stop: (item: T) => void,
): Changes {
  const changes = { added: [] as string[], changed: [] as string[], removed: [] as string[] }; // filled below
  const names = new Set(wanted.map((each) => each.name));
  for (const [name, { item }] of running) {
    if (names.has(name)) continue;
    running.delete(name);
    stop(item);
    changes.removed.push(prefix + name);
  }
  for (const { name, signature, config } of wanted) {
    const old = running.get(name);
    if (old?.signature === signature) continue;
    if (old) stop(old.item);
    (old ? changes.changed : changes.added).push(prefix + name);
    running.set(name, { signature, item: start(config) });
  }
  return changes;
}

/** A sentence about what changed; empty when nothing did. */
export function changesSentence(changes: readonly Changes[]): string {
  const parts = (["added", "changed", "removed"] as const).map((kind) => {
    const names = changes.flatMap((each) => each[kind]);
    return names.length === 0 ? "" : `${kind} ${names.join(", ")}`;
  });
  return parts.filter((part) => part !== "").join("; ");
}
