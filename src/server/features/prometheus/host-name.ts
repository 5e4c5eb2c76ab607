const loopback = /^(?:localhost(?:\.localdomain)?|127(?:\.\d{1,3}){3}|::1)$/iu;
const longest = 255;

export const isLoopback = (host: string): boolean => loopback.test(host);

/** The host of an `instance`: `web1:9100`, `[2001:db8::1]:9100` or a URL; anything else as it is. */
export function hostOfInstance(instance: string): string {
  const address = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#]*)/iu.exec(instance)?.[1] ?? instance;
  const bracketed = /^\[([^\]]*)\]/u.exec(address)?.[1];
  return bracketed ?? /^([^:]*):\d+$/u.exec(address)?.[1] ?? address;
}

/**
 * Which host the labels name: the first of `order` that is there. A loopback address says nothing about which machine it is, and counts
 * only when no other label does.
 */
export function hostOfLabels(labels: ReadonlyMap<string, string>, order: readonly string[]): string {
  let last = "";
  for (const name of order) {
    const value = labels.get(name) ?? "";
    const host = (name === "instance" ? hostOfInstance(value) : value).trim().slice(0, longest);
    if (host === "") continue;
    if (!isLoopback(host)) return host;
    last ||= host;
  }
  return last;
}
