type Members = Readonly<Record<string, unknown>>;

/** Somebody else's JSON as an object; empty for anything else. */
export function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {}; // an object's members may be anything
}

/** The object that a text holds; undefined when it holds none. */
export function parseMembers(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? membersOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** A text of at most so many characters; empty for anything else. */
export const textIn = (members: Members, name: string, longest = 200): string => {
  const value = members[name];
  return typeof value === "string" && value.length <= longest ? value : "";
};
