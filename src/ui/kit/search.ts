/** Readers of what stands behind the "?" of an address. All give undefined for what is absent or makes no sense. */

export const textParam = (value: unknown, longest = 200): string | undefined =>
  typeof value === "string" && value !== "" && value.length <= longest ? value : undefined;

export function integerParam(value: unknown, least: number, most: number): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/u.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= least && number <= most ? number : undefined;
}

export const choiceParam = <T extends string>(value: unknown, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === value);

/** Several choices, separated by commas in the address. */
export function choicesParam<T extends string>(value: unknown, choices: readonly T[]): readonly T[] | undefined {
  const parts: readonly unknown[] = typeof value === "string" ? value.split(",") : Array.isArray(value) ? value : [];
  const found = choices.filter((choice) => parts.includes(choice));
  return found.length > 0 ? found : undefined;
}

/** Writes a search as people write it: `?status=working,standby&page=2`, and not as JSON. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === "") continue;
    params.set(name, Array.isArray(value) ? value.join(",") : typeof value === "string" ? value : JSON.stringify(value));
  }
  const text = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "" : `?${text}`;
}

/** Everything is a text here; each route's reader knows what it should be. */
export const parseSearch = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));
