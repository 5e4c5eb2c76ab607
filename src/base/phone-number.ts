import { isServiceNumber, partedNumber, whyNobodys } from "./numbering.ts";

/** A telephone number as everybody in the world dials it (E.164, with its `+`), or why a text is none. */
export type PhoneNumber = { readonly ok: true; readonly number: string } | { readonly ok: false; readonly problem: string };

/** How numbers of a country are written at home. */
interface Plan {
  /** What people write before a national number, and which falls away behind the country's code. */
  readonly trunk: string;
  /** What is dialled before a number of another country. */
  readonly abroad: string;
  /** How many digits follow the country's code, where that is known. */
  readonly digits?: readonly [least: number, most: number];
}

// Lengths: ITU-T E.164 allows 15 digits with the code; Japan's numbers have 9 (0AB-J, 0120) or 10 (050, 060, 070, 080, 090, 0800).
const plans: Readonly<Record<string, Plan>> = {
  "81": { trunk: "0", abroad: "010", digits: [9, 10] },
  "1": { trunk: "1", abroad: "011", digits: [10, 10] },
};
const otherPlan: Plan = { trunk: "0", abroad: "00" };
const planOf = (country: string): Plan => plans[country] ?? otherPlan;

const no = (problem: string): PhoneNumber => ({ ok: false, problem });

/**
 * Reads a number as people write it: `090-1234-5678`, `+81 (0)90 1234 5678`, `０３（１２３４）５６７８`, `010 1 212 555 0100`.
 * Emergency and other three-digit numbers are refused: a machine never dials them. So is what no country has, and what only a company or a
 * service has: a trunk could take it for another country, or for something dear.
 * @param country calling code of the country whose numbers need no code, digits only
 * @param use `shown` for the number of a line, which may be a company's free number
 */
export function phoneNumber(text: string, country = "81", use: "called" | "shown" = "called"): PhoneNumber {
  const written = text.normalize("NFKC").trim();
  if (written === "") return no("must not be empty");
  if (isEmergency(written)) return no("must not be an emergency or service number: these are never called by a machine");
  const plain = written.replaceAll(/[\s.()/\u2010-\u2015\u2212\u30fc\uff0d-]/gu, "");
  if (!/^\+?\d+$/u.test(plain)) return no("must consist of digits, such as 090-1234-5678 or +81 90 1234 5678");
  const whole = international(written, plain, country);
  if (whole === undefined) return no("must begin with the country, such as +81, or with a 0");
  if (use === "called" && isServiceNumber(whole)) return no(serviceNumber);
  return checked(whole);
}

const serviceNumber = "must be a person's number: this is a company's free number, such as 0120, or a service with a price of its own";

/** Digits with the country's code, without the plus; undefined when the text says neither home nor abroad. */
function international(written: string, plain: string, country: string): string | undefined {
  const plan = planOf(country);
  if (plain.startsWith("+")) {
    // `+81 (0)90…`: the bracket tells what to dial at home.
    const bracketed = /^\+\s*(\d{1,3})\s*\(\s*0\s*\)/u.exec(written);
    return bracketed ? `${bracketed[1]}${plain.slice(1 + (bracketed[1] ?? "").length + 1)}` : plain.slice(1);
  }
  if (plain.startsWith(plan.abroad)) return plain.slice(plan.abroad.length);
  if (plain.startsWith("00")) return plain.slice(2);
  return plain.startsWith(plan.trunk) ? `${country}${plain.slice(plan.trunk.length)}` : undefined;
}

function checked(digits: string): PhoneNumber {
  if (digits.startsWith("0")) return no("must have a country code that does not begin with 0");
  const { country, national } = partedNumber(digits);
  const problem = whyNobodys(digits);
  if (problem !== undefined) return no(problem);
  const [least, most] = plans[country]?.digits ?? [7 - country.length, 15 - country.length];
  if (national.length < least) return no("has too few digits");
  if (national.length > most) return no("has too many digits");
  if (isEmergency(`+${digits}`)) return no("must not be an emergency or service number: these are never called by a machine");
  return { ok: true, number: `+${digits}` };
}

/** Japan's 110, 118, 119, 171, 177, 188, 189 and all other 1XX; 112, 911, 999 and 000 of others. */
const short = "1\\d\\d|911|999|000";
/**
 * What may stand before, each once: a digit for an outside line, Japan's prefixes that show or hide the caller, the way abroad, a country's
 * code, the 0 behind it. Not more often, or numbers such as 090-9090-9110 would be taken for one of these.
 */
const before = "[09]?(?:184|186)?(?:010|00)?(?:81|44|61|1)?0?";
const emergency = new RegExp(`^${before}(?:${short})$`, "u");

/**
 * Whether a number, as it is written or as a trunk is about to dial it, reaches the police, the fire brigade or another service with three
 * digits: with or without a country's code, a prefix for an outside line or one for the caller's number.
 */
export const isEmergency = (text: string): boolean => emergency.test(text.normalize("NFKC").replaceAll(/\D/gu, ""));

/** A number as those see it who need not know it: the last three digits. */
export const maskedNumber = (number: string): string => {
  const digits = number.replaceAll(/\D/gu, "");
  return digits.length < 6 ? "•••" : `•••${digits.slice(-3)}`;
};
