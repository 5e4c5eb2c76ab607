/** JSON from outside: every member may be absent or of another type. */
export type Loose = Readonly<Record<string, unknown>>;

export const isLoose = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);

export const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one: unknown): one is string => typeof one === "string") : [];

export const numbersIn = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((one: unknown): one is number => typeof one === "number" && Number.isFinite(one)) : [];

/** The objects of a JSON list, however strange the text. */
export function rowsOf(json: string): readonly Loose[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter(isLoose) : [];
  } catch {
    return [];
  }
}
