/** How a line wants numbers to be dialled. */
export interface DialRule {
  /** `e164`: +8190…; `digits`: 8190…; `national`: 090… within the line's country, with 010 and the like left to the trunk. */
  readonly dialForm?: "e164" | "digits" | "national";
  /** Calling code of the country that the line stands in, such as 81. */
  readonly countryCode?: string;
  /** Dialled before every number: 0 for an outside line of a PBX. */
  readonly dialPrefix?: string;
}

/** Trunk prefix of a country where it is another digit than 0, or none. */
const trunkPrefixes: Readonly<Record<string, string>> = {
  "1": "",
  "7": "8",
  "34": "",
  "39": "",
  "45": "",
  "47": "",
  "48": "",
  "65": "",
  "852": "",
};

/**
 * Writes a number the way a line dials it. What is no E.164 number (an extension of a PBX) is left as it is.
 * @param number E.164 with its `+`
 */
export function dialledAs({ dialForm = "e164", countryCode, dialPrefix = "" }: DialRule, number: string): string {
  if (!number.startsWith("+")) return number;
  return dialPrefix + formed(dialForm, countryCode, number);
}

function formed(form: "e164" | "digits" | "national", countryCode: string | undefined, number: string): string {
  const digits = number.slice(1);
  if (form === "e164") return number;
  if (form === "digits" || countryCode === undefined || !digits.startsWith(countryCode)) return form === "national" ? number : digits;
  return `${trunkPrefixes[countryCode] ?? "0"}${digits.slice(countryCode.length)}`;
}
